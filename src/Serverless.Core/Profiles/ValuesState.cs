using Serverless.Datasets;
using Serverless.Sketches;

namespace Serverless.Profiles;

/// <summary>
/// A column whose values are counted one by one as long as there are few different ones, and sketched from then on.
/// </summary>
/// <typeparam name="T"><see cref="long"/>, <see cref="double"/> or <see cref="string"/>.</typeparam>
public abstract class ValuesState<T> : ColumnState where T : notnull
{
    /// <summary>More different values than this are stored as sketches, also where they were counted: profiles stay small.</summary>
    public const int MostStored = 2_048;

    private HyperLogLog? distinct;

    private protected ValuesState(string name, ColumnType type) : base(name, type)
    {
    }

    /// <summary>The values and their counts; the frequent ones where there are too many to count.</summary>
    public FrequencySketch<T> Frequencies { get; private set; } = new(Profiles.Frequencies.MostValues);

    public sealed override long Count => Frequencies.Count;

    public sealed override bool IsExact => Frequencies.IsExact;

    public sealed override double Distinct => distinct?.Estimate() ?? Frequencies.Kept;

    /// <summary>Least value; no meaning without values.</summary>
    public T? Min { get; private set; }

    /// <summary>Greatest value; no meaning without values.</summary>
    public T? Max { get; private set; }

    /// <param name="values">Different values, ascending (text in ordinal order).</param>
    /// <param name="counts">How often each occurs, at least once.</param>
    public void Add(ReadOnlySpan<T> values, ReadOnlySpan<long> counts)
    {
        if (values.IsEmpty) return;
        See(values[0], values[^1]);
        if (IsExact && Frequencies.Kept + values.Length > Frequencies.MostValues && Frequencies.Kept + Frequencies.Missing(values) > Frequencies.MostValues) Sketch();
        Frequencies.AddAscending(values, counts);
        AddMore(values, counts);
        if (distinct is null) return;
        AddDistinct(values);
        Estimate(values, counts);
    }

    /// <summary>Adds to the sketches what is too much to be counted.</summary>
    private protected abstract void Estimate(ReadOnlySpan<T> values, ReadOnlySpan<long> counts);

    private protected abstract void MergeEstimates(ValuesState<T> other);

    private protected abstract void CopyEstimates(ValuesState<T> to);

    private protected abstract void WriteEstimates(BinaryWriting writer);

    private protected abstract void ReadEstimates(ref BinaryReading reader);

    private protected abstract void WriteValue(BinaryWriting writer, T value);

    private protected abstract T ReadValue(ref BinaryReading reader);

    /// <summary>How much room the kept values take, in characters of text.</summary>
    private protected virtual long Room => 0;

    /// <summary>Forgets the counts of the many, after the sketches have seen them.</summary>
    private protected void Sketch()
    {
        var (values, counts) = Frequencies.Sorted();
        distinct = new HyperLogLog();
        AddDistinct(values);
        Estimate(values, counts);
        Frequencies.Reduce();
    }

    private protected override void MergeValues(ColumnState column)
    {
        var other = (ValuesState<T>)column;
        if (other.Count == 0) return;
        See(other.Min!, other.Max!);
        var together = Frequencies.Kept + other.Frequencies.Kept;
        if (IsExact && (!other.IsExact || (together > Frequencies.MostValues
            && Frequencies.Kept + Frequencies.Missing(other.Frequencies.Sorted().Values) > Frequencies.MostValues)))
        {
            Sketch();
        }

        if (distinct is not null)
        {
            if (other.distinct is null)
            {
                var (values, counts) = other.Frequencies.Sorted();
                AddDistinct(values);
                Estimate(values, counts);
            }
            else
            {
                distinct.Merge(other.distinct);
                MergeEstimates(other);
            }
        }

        Frequencies.Merge(other.Frequencies);
    }

    private protected override ColumnState CopyValues()
    {
        var copy = (ValuesState<T>)Create(Name, Type);
        (copy.Min, copy.Max, copy.Frequencies, copy.distinct) = (Min, Max, Frequencies.Copy(), distinct?.Copy());
        CopyEstimates(copy);
        return copy;
    }

    private protected override void Write(BinaryWriting writer)
    {
        // A stored profile is small: what is too much for it is sketched in a copy, so that these counts stay as exact as they are.
        if (IsExact && (Frequencies.Kept > MostStored || Room > MostText))
        {
            var small = (ValuesState<T>)Copy();
            small.Sketch();
            small.Write(writer);
            return;
        }

        if (!IsExact) Frequencies.Reduce(Room > MostText ? HeavyHittersOfLongText : null);
        writer.Bytes(Frequencies.ToBytes());
        if (Count == 0) return;
        WriteValue(writer, Min!);
        WriteValue(writer, Max!);
        WriteMore(writer);
        if (IsExact) return;
        writer.Bytes(distinct!.ToBytes());
        WriteEstimates(writer);
    }

    private protected override void Read(ref BinaryReading reader)
    {
        Frequencies = FrequencySketch<T>.FromBytes(reader.Bytes());
        if (Count == 0) return;
        (Min, Max) = (ReadValue(ref reader), ReadValue(ref reader));
        ReadMore(ref reader);
        if (IsExact) return;
        distinct = HyperLogLog.FromBytes(reader.Bytes());
        ReadEstimates(ref reader);
    }

    private protected virtual void AddMore(ReadOnlySpan<T> values, ReadOnlySpan<long> counts)
    {
        // Numbers have nothing that is known of counted and sketched values alike.
    }

    private protected virtual void WriteMore(BinaryWriting writer)
    {
        // As above.
    }

    private protected virtual void ReadMore(ref BinaryReading reader)
    {
        // As above.
    }

    private protected IReadOnlyList<ValueCount>? SketchedTop(Func<T, string> text)
    {
        var heavy = Frequencies.Copy();
        heavy.Reduce();
        return heavy.Kept == 0 ? null : [.. heavy.Top(Profiles.Frequencies.TopValues).Select(t => new ValueCount(text(t.Value), t.Count))];
    }

    private const long MostText = 32_768;
    private const int HeavyHittersOfLongText = 16;

    private void See(T least, T greatest)
    {
        if (Count == 0 || ValueCodec<T>.Order.Compare(least, Min!) < 0) Min = least;
        if (Count == 0 || ValueCodec<T>.Order.Compare(greatest, Max!) > 0) Max = greatest;
    }

    private void AddDistinct(ReadOnlySpan<T> values)
    {
        foreach (var value in values)
        {
            distinct!.Add(value switch
            {
                long number => ValueHash.Of(number),
                double number => ValueHash.Of(number),
                string text => ValueHash.Of(text),
                _ => throw new NotSupportedException($"{typeof(T)} is no type of a column"),
            });
        }
    }
}
