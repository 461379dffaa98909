using System.Globalization;
using Serverless.Drift.Samples;

namespace Serverless.Drift;

/// <summary>What both sides of a column look like, for a chart: shares of the same bins or categories, each side adding up to 1.</summary>
public sealed record DriftDistribution
{
    /// <summary>Most bars: equal bins between the 1 % and 99 % quantiles of both sides, the outermost open, or the most frequent categories and the rest.</summary>
    private const int Bars = 24;
    private const int Categories = 10;

    /// <summary>Names of the categories, or where the bins end: <c>12.5 to 15</c>.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    public required IReadOnlyList<double> Reference { get; init; }

    public required IReadOnlyList<double> Current { get; init; }

    /// <summary>For numbers: the inner edges, one fewer than bars, ascending.</summary>
    public IReadOnlyList<double>? Edges { get; init; }

    /// <summary>Null where one side has no values, or the column is a timestamp.</summary>
    internal static DriftDistribution? Of(ColumnSample reference, ColumnSample current)
    {
        if (reference.Count == 0 || current.Count == 0) return null;
        if (reference.Categories is not null && current.Categories is not null) return OfCategories(Contingency.Of(reference, current), reference.Count, current.Count);
        return reference.Numbers is { } a && current.Numbers is { } b ? OfNumbers(a, b) : null;
    }

    private static DriftDistribution OfCategories(Contingency table, double before, double after)
    {
        var order = Enumerable.Range(0, table.Count).OrderByDescending(i => (table.Reference[i] / before) + (table.Current[i] / after)).ToArray();
        var shown = order.Take(table.Count <= Categories + 1 ? table.Count : Categories).ToArray();
        var rest = order.Skip(shown.Length).ToArray();
        string[] others = rest.Length > 0 ? [$"{rest.Length} others"] : [];
        return new DriftDistribution
        {
            Labels = [.. shown.Select(i => table.Labels[i]), .. others],
            Reference = [.. shown.Select(i => table.Reference[i] / before), .. others.Select(_ => rest.Sum(i => table.Reference[i]) / before)],
            Current = [.. shown.Select(i => table.Current[i] / after), .. others.Select(_ => rest.Sum(i => table.Current[i]) / after)],
        };
    }

    private static DriftDistribution OfNumbers(NumericSample a, NumericSample b)
    {
        var (from, to) = (Math.Min(a.Quantile(0.01), b.Quantile(0.01)), Math.Max(a.Quantile(0.99), b.Quantile(0.99)));
        double[] edges = to > from ? [.. Enumerable.Range(1, Bars - 1).Select(i => from + ((to - from) * i / Bars))] : [from];
        return new DriftDistribution
        {
            Labels = [.. Enumerable.Range(0, edges.Length + 1).Select(i => i == 0 ? $"<= {Text(edges[0])}" : i == edges.Length ? $"> {Text(edges[^1])}" : $"{Text(edges[i - 1])} to {Text(edges[i])}")],
            Reference = Shares(a, edges), Current = Shares(b, edges), Edges = edges,
        };
    }

    private static double[] Shares(NumericSample sample, double[] edges)
    {
        double[] below = [.. edges.Select(sample.ShareBelow), 1];
        return [.. below.Select((share, i) => i == 0 ? share : share - below[i - 1])];
    }

    private static string Text(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
