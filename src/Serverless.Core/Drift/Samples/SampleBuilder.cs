using Serverless.Datasets;

namespace Serverless.Drift.Samples;

/// <summary>Columns of a table into samples. Integers in a narrow range are counted instead of sorted; what is sorted already is not sorted again. NaN and
/// infinities count as missing.</summary>
public static class SampleBuilder
{
    private const int CountedRange = 1 << 20;

    public static ColumnSample Of(TableColumn column) => Of(column, column is NumberColumn c ? new double[c.Values.Length] : []);

    /// <summary>The same from a column that nobody needs afterwards: numbers are sorted where they stand, so that no copy is made.</summary>
    public static ColumnSample Take(TableColumn column) => Of(column, column is NumberColumn c ? c.Values : []);

    private static ColumnSample Of(TableColumn column, double[] target) => column switch
    {
        IntegerColumn c => Integers(c),
        NumberColumn c => Numbers(c, target),
        BooleanColumn c => Booleans(c),
        TimestampColumn c => Timestamps(c),
        StringColumn c => Strings(c),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.GetType().Name, "a column type without a sample"),
    };

    /// <summary>A sample of loose numbers.</summary>
    public static NumericSample Of(string name, ReadOnlySpan<double> values) => (NumericSample)Take(new NumberColumn(name, values.ToArray(), null));

    private static NumericSample Integers(IntegerColumn column)
    {
        var values = Present(column.Values, column.Missing);
        var missing = column.Values.Length - values.Length;
        if (values.Length == 0) return new(column.Name, column.Type, column.Values.Length, missing, [], null);
        long min = values[0], max = values[0];
        foreach (var v in values)
        {
            if (v < min) min = v;
            if (v > max) max = v;
        }

        var range = (ulong)(max - min);
        if (range < CountedRange && range < 4 * (ulong)values.Length + 1024) return Counted(column, values, missing, min, (int)range);
        var sorted = new double[values.Length];
        for (var i = 0; i < values.Length; i++) sorted[i] = values[i];
        DoubleSort.Sort(sorted);
        return new(column.Name, column.Type, column.Values.Length, missing, sorted, null);
    }

    private static NumericSample Counted(IntegerColumn column, ReadOnlySpan<long> values, long missing, long min, int range)
    {
        var counts = new int[range + 1];
        foreach (var v in values) counts[v - min]++;
        var distinct = 0;
        foreach (var c in counts) distinct += c > 0 ? 1 : 0;
        var (different, times) = (new double[distinct], new long[distinct]);
        for (int i = 0, at = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0) continue;
            different[at] = min + i;
            times[at++] = counts[i];
        }

        return new(column.Name, column.Type, column.Values.Length, missing, different, times);
    }

    // target may be the column's own array: what is written never overtakes what is read.
    private static NumericSample Numbers(NumberColumn column, double[] target)
    {
        var (rows, at) = (column.Values.Length, 0);
        for (var i = 0; i < rows; i++)
        {
            var value = column.Values[i];
            if (double.IsFinite(value) && !column.IsMissing(i)) target[at++] = value + 0.0; // -0 becomes 0, so that they are one value
        }

        if (at < rows) Array.Resize(ref target, at);
        DoubleSort.Sort(target);
        return new(column.Name, column.Type, rows, rows - at, target, null);
    }

    private static BooleanSample Booleans(BooleanColumn column)
    {
        long no = 0, yes = 0;
        for (var i = 0; i < column.Values.Length; i++)
        {
            if (column.IsMissing(i)) continue;
            if (column.Values[i]) yes++;
            else no++;
        }

        return new(column.Name, column.Values.Length, column.Values.Length - no - yes, no, yes);
    }

    private static TimestampSample Timestamps(TimestampColumn column)
    {
        var ticks = Present(column.Ticks, column.Missing).ToArray();
        if (!DoubleSort.IsSorted<long>(ticks)) Array.Sort(ticks);
        return new(column.Name, column.Ticks.Length, column.Ticks.Length - ticks.Length, ticks);
    }

    private static CategoricalSample Strings(StringColumn column)
    {
        var counts = new long[column.Dictionary.Length];
        foreach (var code in column.Codes)
        {
            if (code >= 0) counts[code]++;
        }

        var used = Enumerable.Range(0, counts.Length).Where(i => counts[i] > 0).ToArray();
        Array.Sort(used, (a, b) => string.CompareOrdinal(column.Dictionary[a], column.Dictionary[b]));
        return new(column.Name, column.Type, column.Codes.Length, column.Codes.Length - counts.Sum(),
            [.. used.Select(i => column.Dictionary[i])], [.. used.Select(i => counts[i])]);
    }

    private static ReadOnlySpan<long> Present(long[] values, bool[]? missing)
    {
        if (missing is null) return values;
        var present = new long[values.Length];
        var at = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!missing[i]) present[at++] = values[i];
        }

        return present.AsSpan(0, at);
    }
}
