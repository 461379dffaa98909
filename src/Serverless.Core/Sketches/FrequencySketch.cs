using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Serverless.Sketches;

/// <summary>
/// How often each value occurs: exact up to <see cref="MostValues"/> different values. Above that the frequent ones are kept, each count too small by at most
/// <see cref="Error"/>, which is at most Count / (heavy hitters + 1); a value that is not kept occurred at most so often. Merging is exact while the union is.
/// Source: Misra, Gries, "Finding repeated elements" (1982); merge of Agarwal, Cormode, Huang, Phillips, Wei, Yi, "Mergeable summaries" (2012).
/// </summary>
/// <typeparam name="T"><see cref="long"/>, <see cref="double"/> or <see cref="string"/> (compared ordinally).</typeparam>
public sealed class FrequencySketch<T> : ISketch<FrequencySketch<T>> where T : notnull
{
    public const int DefaultMostValues = 10_000;
    public const int DefaultHeavyHitters = 256;

    private const byte Newest = 1;

    private readonly int heavyHitters;

    // One of the two: sorted as long as nothing is added, because most sketches are filled once, written, read and merged into another one.
    private Dictionary<T, long>? map;
    private (T[] Values, long[] Counts)? sorted;

    /// <param name="mostValues">Different values that are counted exactly.</param>
    /// <param name="heavyHitters">Values that are kept once there are more.</param>
    public FrequencySketch(int mostValues = DefaultMostValues, int heavyHitters = DefaultHeavyHitters)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heavyHitters, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostValues, heavyHitters);
        (MostValues, this.heavyHitters) = (mostValues, heavyHitters);
        map = ValueCodec<T>.Counts(0);
    }

    private FrequencySketch(int mostValues, int heavyHitters, Dictionary<T, long>? map, (T[] Values, long[] Counts)? sorted)
    {
        (MostValues, this.heavyHitters, this.map, this.sorted) = (mostValues, heavyHitters, map, sorted);
    }

    public int MostValues { get; }

    /// <summary>Occurrences seen, exact.</summary>
    public long Count { get; private set; }

    /// <summary>All values are counted exactly.</summary>
    public bool IsExact { get; private set; } = true;

    /// <summary>By how much a count may be too small; 0 while exact.</summary>
    public long Error { get; private set; }

    /// <summary>Values that are kept: all different ones while exact.</summary>
    public int Kept => map?.Count ?? sorted!.Value.Values.Length;

    /// <summary>What is known of the count of a value: 0 for one that is not kept.</summary>
    public long this[T value] => Counts().GetValueOrDefault(value);

    public void Add(T value, long count = 1)
    {
        if (count <= 0) return;
        var counts = Counts();
        CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _) += count;
        Count += count;
        if (counts.Count > MostValues) Reduce();
    }

    public void AddRange(ReadOnlySpan<T> values)
    {
        foreach (var value in values) Add(value);
    }

    public void AddCounted(ReadOnlySpan<T> values, ReadOnlySpan<long> times)
    {
        Counts().EnsureCapacity(Math.Min(MostValues, Math.Max(Kept, values.Length)));
        for (var i = 0; i < values.Length; i++) Add(values[i], times[i]);
    }

    public void Merge(FrequencySketch<T> other)
    {
        Error += other.Error;
        IsExact &= other.IsExact;
        Count += other.Count;
        var counts = Counts();
        if (other.sorted is var (values, times))
        {
            for (var i = 0; i < values.Length; i++) CollectionsMarshal.GetValueRefOrAddDefault(counts, values[i], out _) += times[i];
        }
        else
        {
            foreach (var (value, count) in other.Counts()) CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _) += count;
        }

        if (counts.Count > MostValues) Reduce();
    }

    public FrequencySketch<T> Copy() =>
        new(MostValues, heavyHitters, map is null ? null : new Dictionary<T, long>(map, map.Comparer), sorted) { Count = Count, IsExact = IsExact, Error = Error };

    /// <summary>Keeps the heavy hitters only, if more is kept. The counts are exact no more.</summary>
    /// <param name="keep">How many, fewer than usual.</param>
    public void Reduce(int? keep = null)
    {
        IsExact = false;
        var most = Math.Min(keep ?? heavyHitters, heavyHitters);
        if (Kept <= most) return;
        var counts = Counts();
        var order = counts.Values.ToArray();
        var cut = Ascending(order, order.Length - most - 1);
        Error += cut;
        foreach (var (value, count) in counts)
        {
            if (count <= cut) counts.Remove(value);
            else counts[value] = count - cut;
        }
    }

    /// <summary>The kept values, ascending (text in ordinal order), and their counts. Not to be changed.</summary>
    public (T[] Values, long[] Counts) Sorted()
    {
        if (sorted is { } kept) return kept;
        var counts = Counts();
        var (values, times) = (new T[counts.Count], new long[counts.Count]);
        counts.Keys.CopyTo(values, 0);
        counts.Values.CopyTo(times, 0);
        Array.Sort(values, times, ValueCodec<T>.Order);
        (sorted, map) = ((values, times), null);
        return (values, times);
    }

    /// <summary>The most frequent values, most frequent first; among equals the smaller value.</summary>
    public IReadOnlyList<(T Value, long Count)> Top(int most) =>
        [.. Counts().OrderByDescending(c => c.Value).ThenBy(c => c.Key, ValueCodec<T>.Order).Take(most).Select(c => (c.Key, c.Value))];

    public byte[] ToBytes()
    {
        var writer = new BinaryWriting(ValueCodec<T>.Kind, Newest);
        writer.Number(MostValues);
        writer.Number(heavyHitters);
        writer.Number(Count);
        writer.Byte((byte)(IsExact ? 1 : 0));
        writer.Number(Error);
        var (values, times) = Sorted();
        writer.Number(values.Length);
        ValueCodec<T>.Write(writer, values);
        foreach (var count in times) writer.Number(count);
        return writer.ToArray();
    }

    public static FrequencySketch<T> FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryReading(bytes, ValueCodec<T>.Kind, Newest, "frequency sketch");
        var (most, heavy) = (reader.Number(), reader.Number());
        if (most > int.MaxValue || heavy == 0 || heavy > most) throw reader.Damaged();
        var (count, exact, error) = (reader.Whole(), reader.Byte() == 1, reader.Whole());
        var length = reader.Length();
        var values = ValueCodec<T>.Read(ref reader, length);
        var times = new long[length];
        for (var i = 0; i < length; i++) times[i] = reader.Whole();
        return new FrequencySketch<T>((int)most, (int)heavy, null, (values, times)) { Count = count, IsExact = exact, Error = error };
    }

    /// <summary>The same as <see cref="AddCounted"/> for different values in ascending order, which need no table to begin with.</summary>
    internal void AddAscending(ReadOnlySpan<T> values, ReadOnlySpan<long> times)
    {
        if (Kept > 0 || values.Length > MostValues)
        {
            AddCounted(values, times);
            return;
        }

        (sorted, map) = ((values.ToArray(), times.ToArray()), null);
        foreach (var count in times) Count += count;
    }

    /// <summary>How many of different values are not kept yet.</summary>
    internal int Missing(ReadOnlySpan<T> values)
    {
        var counts = Counts();
        var missing = 0;
        foreach (var value in values)
        {
            if (!counts.ContainsKey(value)) missing++;
        }

        return missing;
    }

    // The value that would stand at a place if all were sorted (Hoare's selection): sorting all costs ten times as much, and this happens at every tenth merge.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Ascending(Span<long> values, int place)
    {
        for (int low = 0, high = values.Length - 1; low < high;)
        {
            var pivot = values[low + ((high - low) / 2)];
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (values[i] < pivot) i++;
                while (values[j] > pivot) j--;
                if (i > j) break;
                (values[i], values[j]) = (values[j], values[i]);
                (i, j) = (i + 1, j - 1);
            }

            if (place <= j) high = j;
            else if (place >= i) low = i;
            else break;
        }

        return values[place];
    }

    private Dictionary<T, long> Counts()
    {
        if (map is not null) return map;
        var (values, times) = sorted!.Value;
        map = ValueCodec<T>.Counts(values.Length);
        for (var i = 0; i < values.Length; i++) map[values[i]] = times[i];
        sorted = null;
        return map;
    }
}
