using Serverless.Datasets;
using Serverless.Drift.Samples;

namespace Serverless.Drift.Multivariate;

/// <summary>The same number of rows drawn by chance from each side, column by column, so that cost does not grow with the data.</summary>
internal sealed class PooledRows
{
    private const int ColumnsAtOnce = 16;

    private readonly IDriftSource reference;
    private readonly IDriftSource current;
    private readonly int[] referenceRows;
    private readonly int[] currentRows;

    public PooledRows(IDriftSource reference, IDriftSource current, int most, int seed)
    {
        (this.reference, this.current) = (reference, current);
        referenceRows = Draw(reference.Rows, most, new Random(seed));
        currentRows = Draw(current.Rows, most, new Random(seed + 1));
    }

    public int Reference => referenceRows.Length;

    public int Current => currentRows.Length;

    public int Count => Reference + Current;

    /// <summary>How many rows and of how many, for reports.</summary>
    public string Said => Reference == reference.Rows && Current == current.Rows ? "all rows"
        : FormattableString.Invariant($"{Reference} and {Current} rows drawn by chance");

    /// <summary>Columns that have a meaning apart from their order; a timestamp gives its hour of the day where both sides span a day or more.</summary>
    public IEnumerable<PooledColumn> Columns(IReadOnlyList<string> names, CancellationToken cancel)
    {
        foreach (var some in names.Chunk(ColumnsAtOnce))
        {
            cancel.ThrowIfCancellationRequested();
            var (before, after) = (reference.Read(some, cancel), current.Read(some, cancel));
            foreach (var name in some)
            {
                if (Pool(before[name].Take(referenceRows), after[name].Take(currentRows)) is { } pooled) yield return pooled;
            }
        }
    }

    /// <summary><paramref name="most"/> of <paramref name="rows"/> numbers without repetition, ascending (Vitter's selection sampling).</summary>
    public static int[] Draw(long rows, int most, Random random)
    {
        if (rows <= most) return [.. Enumerable.Range(0, (int)rows)];
        var drawn = new int[most];
        for (int i = 0, row = 0; i < most; row++)
        {
            if (random.NextDouble() * (rows - row) < most - i) drawn[i++] = row;
        }

        return drawn;
    }

    private static PooledColumn? Pool(TableColumn a, TableColumn b)
    {
        // A side without values may have any type.
        if (a is StringColumn || b is StringColumn) return Texts(a, b);
        if (a is TimestampColumn || b is TimestampColumn) return Hours(a, b);
        return new PooledNumbers(a.Name, [.. Numbers(a), .. Numbers(b)]);
    }

    private static IEnumerable<double> Numbers(TableColumn column)
    {
        double At(int i) => column switch
        {
            _ when column.IsMissing(i) => double.NaN,
            IntegerColumn c => c.Values[i],
            NumberColumn c => double.IsFinite(c.Values[i]) ? c.Values[i] : double.NaN,
            BooleanColumn c => c.Values[i] ? 1 : 0,
            _ => double.NaN,
        };
        return Enumerable.Range(0, column.Rows).Select(At);
    }

    private static PooledCategories Texts(TableColumn a, TableColumn b)
    {
        var codes = new Dictionary<string, int>(StringComparer.Ordinal);
        IEnumerable<int> Coded(TableColumn column) => Enumerable.Range(0, column.Rows).Select(i =>
        {
            if (column is not StringColumn texts || texts[i] is not { } text) return -1;
            if (!codes.TryGetValue(text, out var code)) codes[text] = code = codes.Count;
            return code;
        });
        int[] all = [.. Coded(a), .. Coded(b)];
        return new PooledCategories(a.Name, all, [.. codes.Keys]);
    }

    private static PooledNumbers? Hours(TableColumn a, TableColumn b)
    {
        if (a is not TimestampColumn before || b is not TimestampColumn after || Span(before) < TimestampParts.SpanOfHours || Span(after) < TimestampParts.SpanOfHours) return null;
        return new PooledNumbers($"hour({a.Name})", [.. Hours(before), .. Hours(after)], 24);
    }

    private static IEnumerable<double> Hours(TimestampColumn column) =>
        column.Ticks.Select((t, i) => column.IsMissing(i) ? double.NaN : t % TimeSpan.TicksPerDay / (double)TimeSpan.TicksPerHour);

    private static TimeSpan Span(TimestampColumn column)
    {
        long first = long.MaxValue, last = long.MinValue;
        for (var i = 0; i < column.Rows; i++)
        {
            if (column.IsMissing(i)) continue;
            (first, last) = (Math.Min(first, column.Ticks[i]), Math.Max(last, column.Ticks[i]));
        }

        return first > last ? TimeSpan.Zero : new TimeSpan(last - first);
    }
}
