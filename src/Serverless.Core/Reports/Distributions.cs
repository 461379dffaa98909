using System.Globalization;
using Serverless.Datasets;
using Serverless.Profiles;

namespace Serverless.Reports;

/// <summary>Two sets of values in the same bins, from their states alone.</summary>
internal static class Distributions
{
    private const int MostCategories = 10;
    private const string Others = "others";

    /// <summary>Null when there is no value to draw.</summary>
    public static ReportDistribution? Of(ColumnState? reference, ColumnState current)
    {
        if (current.Count == 0 && reference is not { Count: > 0 }) return null;
        var before = reference is { Count: > 0 } r && r.GetType() == current.GetType() ? reference : null;
        return current switch
        {
            INumericState => Intervals(before, current),
            BooleanState b => new ReportDistribution(["false", "true"], before is BooleanState c ? Shares([c.Falses, c.Trues]) : null, Shares([b.Falses, b.Trues]), Ordered: false),
            TextState t => Categories(before as TextState, t),
            _ => null,
        };
    }

    // The bins of both together, so that they are the same for both.
    private static ReportDistribution? Intervals(ColumnState? reference, ColumnState current)
    {
        var both = current.Copy();
        if (reference is not null) both.Merge(reference);
        if (both.ToProfile().Histogram is not { } histogram) return null;
        var edges = histogram.Edges;
        return new ReportDistribution(
            [.. Enumerable.Range(0, edges.Count - 1).Select(i => Interval(current.Type, edges[i], edges[i + 1]))],
            reference is null ? null : Shares(Counts((INumericState)reference, edges)), Shares(Counts((INumericState)current, edges)), Ordered: true);
    }

    private static long[] Counts(INumericState state, IReadOnlyList<double> edges)
    {
        var counts = new long[edges.Count - 1];
        var (values, weights) = state.Distribution();
        var bin = 0;
        for (var i = 0; i < values.Length; i++)
        {
            while (bin < counts.Length - 1 && values[i] >= edges[bin + 1]) bin++;
            counts[bin] += weights[i];
        }

        return counts;
    }

    // The categories that are most frequent on either side; what a sketch did not keep counts among the others.
    private static ReportDistribution Categories(TextState? reference, TextState current)
    {
        var names = current.Frequencies.Top(MostCategories).Concat(reference?.Frequencies.Top(MostCategories) ?? [])
            .Select(t => t.Value).Distinct(StringComparer.Ordinal)
            .OrderByDescending(v => Math.Max(Share(current, v), reference is null ? 0 : Share(reference, v))).ThenBy(v => v, StringComparer.Ordinal)
            .Take(MostCategories).ToList();
        double[] Of(TextState state)
        {
            var shares = names.Select(n => Share(state, n)).ToList();
            return [.. shares, Math.Max(0, 1 - shares.Sum())];
        }

        var (now, before) = (Of(current), reference is null ? null : Of(reference));
        var rest = now[^1] > 1e-9 || before?[^1] > 1e-9;
        return new ReportDistribution(rest ? [.. names, Others] : names, rest ? before : before?[..^1], rest ? now : now[..^1], Ordered: false);
    }

    private static double Share(TextState state, string value) => state.Count == 0 ? 0 : (double)state.Frequencies[value] / state.Count;

    private static double[] Shares(long[] counts)
    {
        var all = Math.Max(1, counts.Sum());
        return [.. counts.Select(c => (double)c / all)];
    }

    private static string Interval(ColumnType type, double from, double to) => type == ColumnType.Timestamp
        ? DateTimeOffset.FromUnixTimeSeconds((long)from).UtcDateTime.ToString(to - from >= 86_400 ? "yyyy-MM-dd" : "MM-dd HH:mm", CultureInfo.InvariantCulture)
        : from == to || (type == ColumnType.Integer && to - from <= 1) ? Text(from) : $"{Text(from)} to {Text(to)}";

    private static string Text(double value) => value.ToString(value == Math.Truncate(value) && Math.Abs(value) < 1e12 ? "N0" : "G4", CultureInfo.InvariantCulture);
}
