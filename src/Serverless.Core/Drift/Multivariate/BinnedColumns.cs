namespace Serverless.Drift.Multivariate;

/// <summary>
/// Columns as at most 32 bins each, learned from both sides together: 0 is "missing", so that a missing value tells as much as any other. Numbers have bins of equal
/// frequency, in order; categories a bin each for the most frequent, one for all others, without order.
/// </summary>
internal sealed class BinnedColumns
{
    public const int Bins = 32;

    private BinnedColumns(IReadOnlyList<string> names, IReadOnlyList<byte[]> bins, IReadOnlyList<bool> ordered) => (Names, Of, Ordered) = (names, bins, ordered);

    public IReadOnlyList<string> Names { get; }

    /// <summary>For each column the bin of each row.</summary>
    public IReadOnlyList<byte[]> Of { get; }

    /// <summary>Whether bins from 1 on have an order.</summary>
    public IReadOnlyList<bool> Ordered { get; }

    public static BinnedColumns From(PooledRows rows, IReadOnlyList<string> columns, CancellationToken cancel)
    {
        var (names, bins, ordered) = (new List<string>(), new List<byte[]>(), new List<bool>());
        foreach (var column in rows.Columns(columns, cancel))
        {
            var binned = column is PooledNumbers numbers ? Numbers(numbers.Values) : Categories((PooledCategories)column);
            if (binned.All(b => b == binned[0])) continue; // a constant tells nothing
            names.Add(column.Name);
            bins.Add(binned);
            ordered.Add(column is PooledNumbers);
        }

        return new BinnedColumns(names, bins, ordered);
    }

    private static byte[] Numbers(double[] values)
    {
        double[] sorted = [.. values.Where(v => !double.IsNaN(v)).Order()];
        var edges = new List<double>(Bins);
        for (var q = 1; q < Bins - 1 && sorted.Length > 0; q++)
        {
            // A bin ends with its edge; the last needs none.
            var edge = sorted[(int)((long)q * sorted.Length / (Bins - 1))];
            if (edge < sorted[^1] && (edges.Count == 0 || edge > edges[^1])) edges.Add(edge);
        }

        double[] ends = [.. edges];
        byte Bin(double value)
        {
            if (double.IsNaN(value)) return 0;
            var at = Array.BinarySearch(ends, value);
            return (byte)(1 + (at >= 0 ? at : ~at));
        }

        return [.. values.Select(Bin)];
    }

    private static byte[] Categories(PooledCategories column)
    {
        var counts = new int[column.Labels.Count];
        foreach (var code in column.Codes)
        {
            if (code >= 0) counts[code]++;
        }

        var binOf = new byte[counts.Length];
        Array.Fill(binOf, (byte)(Bins - 1));
        var rank = 1;
        foreach (var code in Enumerable.Range(0, counts.Length).OrderByDescending(c => counts[c]).ThenBy(c => column.Labels[c], StringComparer.Ordinal).Take(Bins - 2)) binOf[code] = (byte)rank++;
        return [.. column.Codes.Select(c => c < 0 ? (byte)0 : binOf[c])];
    }
}
