using System.Buffers;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts.Counting;

/// <summary>Numbers as the 64 bits that tell them apart, counted until there are too many different ones for the state to count.</summary>
internal abstract class NumericCounts(ColumnDefinition column) : ColumnCounts(column)
{
    private readonly List<CountTable> tables = [];

    public sealed override void Add(int period, in Vector vector, int start, int end)
    {
        var buffer = ArrayPool<long>.Shared.Rent(end - start);
        var filled = Keys(vector, start, end, buffer);
        AddNulls(period, end - start - filled);
        tables[period].AddRange(buffer.AsSpan(0, filled));
        ArrayPool<long>.Shared.Return(buffer);
        if (tables[period].Count > Frequencies.MostValues) Flush(period);
    }

    protected sealed override void OnPeriod() => tables.Add(new CountTable());

    protected sealed override void Flush(int period)
    {
        var (values, counts) = tables[period].Take();
        Hand(period, values, counts);
    }

    /// <summary>The filled values of rows; returns how many.</summary>
    protected abstract int Keys(in Vector vector, int start, int end, long[] into);

    protected abstract void Hand(int period, long[] values, long[] counts);

    protected static int Filled(in Vector vector, ReadOnlySpan<long> values, int start, int end, long[] into)
    {
        if (vector.AllValid)
        {
            values[start..end].CopyTo(into);
            return end - start;
        }

        var filled = 0;
        for (var i = start; i < end; i++)
        {
            into[filled] = values[i];
            if (!vector.IsNull(i)) filled++;
        }

        return filled;
    }
}

/// <summary>Integers, and timestamps in microseconds.</summary>
internal sealed class WholeCounts(ColumnDefinition column) : NumericCounts(column)
{
    protected override int Keys(in Vector vector, int start, int end, long[] into) => Filled(vector, vector.Values<long>(), start, end, into);

    protected override void Hand(int period, long[] values, long[] counts) => State<NumericState<long>>(period).Add(values, counts);
}

/// <summary>Floating-point numbers. What is not finite is taken for empty; -0 is 0.</summary>
internal sealed class NumberCounts(ColumnDefinition column) : NumericCounts(column)
{
    private const long MinusZero = long.MinValue;

    protected override int Keys(in Vector vector, int start, int end, long[] into)
    {
        var all = Filled(vector, vector.Values<long>(), start, end, into);
        var filled = 0;
        for (var i = 0; i < all; i++)
        {
            if (!double.IsFinite(BitConverter.Int64BitsToDouble(into[i]))) continue;
            into[filled++] = into[i] == MinusZero ? 0 : into[i];
        }

        return filled;
    }

    protected override void Hand(int period, long[] values, long[] counts)
    {
        var numbers = new double[values.Length];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = BitConverter.Int64BitsToDouble(values[i]);
        Array.Sort(numbers, counts);
        State<NumericState<double>>(period).Add(numbers, counts);
    }
}
