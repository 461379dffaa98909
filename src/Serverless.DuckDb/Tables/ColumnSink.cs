using System.Text;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Tables;

/// <summary>Takes vectors of one column and becomes a column of a table.</summary>
internal abstract class ColumnSink
{
    private bool[]? missing;

    public int Count { get; private set; }

    public static ColumnSink For(ColumnType type, int expected) => type switch
    {
        ColumnType.Integer => new LongSink(expected, timestamp: false),
        ColumnType.Timestamp => new LongSink(expected, timestamp: true),
        ColumnType.Number => new DoubleSink(expected),
        ColumnType.Boolean => new BooleanSink(expected),
        _ => new TextSink(expected),
    };

    public void Add(in Vector vector, int rows) => Add(vector, 0, rows);

    /// <summary>Some rows of a vector.</summary>
    public void Add(in Vector vector, int from, int rows)
    {
        Take(vector, from, rows);
        if (!vector.AllValid)
        {
            for (var i = 0; i < rows; i++)
            {
                if (!vector.IsNull(from + i)) continue;
                if (missing is null || missing.Length < Count + rows) Array.Resize(ref missing, Math.Max(Count + rows, 2 * (missing?.Length ?? 0)));
                missing[Count + i] = true;
            }
        }

        Count += rows;
    }

    public TableColumn Finish(string name)
    {
        if (missing is not null) Array.Resize(ref missing, Count);
        return Finish(name, missing);
    }

    protected abstract void Take(in Vector vector, int from, int rows);

    protected abstract TableColumn Finish(string name, bool[]? missing);

    protected void Room<T>(ref T[] values, int rows)
    {
        if (values.Length < Count + rows) Array.Resize(ref values, Math.Max(Count + rows, 2 * values.Length));
    }

    private sealed class LongSink(int expected, bool timestamp) : ColumnSink
    {
        private long[] values = new long[expected];

        protected override void Take(in Vector vector, int from, int rows)
        {
            Room(ref values, rows);
            var source = vector.Values<long>().Slice(from, rows);
            var target = values.AsSpan(Count, rows);
            if (!timestamp)
            {
                source.CopyTo(target);
                return;
            }

            // Microseconds since 1970 to ticks of .NET; places without a value hold anything, so they are left at 0.
            for (var i = 0; i < rows; i++) target[i] = vector.IsNull(from + i) ? 0 : (source[i] * 10) + DateTime.UnixEpoch.Ticks;
        }

        protected override TableColumn Finish(string name, bool[]? missing)
        {
            Array.Resize(ref values, Count);
            for (var i = 0; missing is not null && i < Count; i++) values[i] = missing[i] ? 0 : values[i];
            return timestamp ? new TimestampColumn(name, values, missing) : new IntegerColumn(name, values, missing);
        }
    }

    private sealed class DoubleSink(int expected) : ColumnSink
    {
        private double[] values = new double[expected];

        protected override void Take(in Vector vector, int from, int rows)
        {
            Room(ref values, rows);
            vector.Values<double>().Slice(from, rows).CopyTo(values.AsSpan(Count, rows));
        }

        protected override TableColumn Finish(string name, bool[]? missing)
        {
            Array.Resize(ref values, Count);
            for (var i = 0; missing is not null && i < Count; i++) values[i] = missing[i] ? double.NaN : values[i];
            return new NumberColumn(name, values, missing);
        }
    }

    private sealed class BooleanSink(int expected) : ColumnSink
    {
        private bool[] values = new bool[expected];

        protected override void Take(in Vector vector, int from, int rows)
        {
            Room(ref values, rows);
            var source = vector.Values<byte>();
            for (var i = 0; i < rows; i++) values[Count + i] = source[from + i] != 0 && !vector.IsNull(from + i);
        }

        protected override TableColumn Finish(string name, bool[]? missing)
        {
            Array.Resize(ref values, Count);
            return new BooleanColumn(name, values, missing);
        }
    }

    private sealed class TextSink(int expected) : ColumnSink
    {
        private readonly Utf8Dictionary dictionary = new();
        private int[] codes = new int[expected];

        protected override void Take(in Vector vector, int from, int rows)
        {
            Room(ref codes, rows);
            for (var i = 0; i < rows; i++) codes[Count + i] = vector.IsNull(from + i) ? -1 : dictionary.CodeOf(vector.Utf8(from + i));
        }

        protected override TableColumn Finish(string name, bool[]? missing)
        {
            Array.Resize(ref codes, Count);
            return new StringColumn(name, codes, [.. dictionary.Texts], missing);
        }
    }
}

/// <summary>Codes for texts in order of first sight, looked up by their bytes, so that a repeated text costs no string.</summary>
internal sealed class Utf8Dictionary
{
    private readonly Dictionary<byte[], int> codes = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> lookup;

    public Utf8Dictionary() => lookup = codes.GetAlternateLookup<ReadOnlySpan<byte>>();

    public List<string> Texts { get; } = [];

    public int CodeOf(ReadOnlySpan<byte> utf8)
    {
        if (lookup.TryGetValue(utf8, out var code)) return code;
        code = Texts.Count;
        lookup[utf8] = code;
        Texts.Add(Encoding.UTF8.GetString(utf8));
        return code;
    }

    private sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static Utf8Comparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] key) => GetHashCode(key.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        // FNV-1a: short keys are the rule, and the order of codes does not depend on it.
        public int GetHashCode(ReadOnlySpan<byte> key)
        {
            var hash = 2166136261u;
            foreach (var b in key) hash = (hash ^ b) * 16777619u;
            return (int)hash;
        }
    }
}
