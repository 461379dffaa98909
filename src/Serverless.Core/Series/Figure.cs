using Serverless.Checks;
using Serverless.Profiles;

namespace Serverless.Series;

/// <summary>The value of a metric in one partition.</summary>
/// <param name="Weight">Rows that the value is about.</param>
/// <param name="Column">The column's profile, where another partition is of the same period.</param>
/// <param name="State">What that profile follows from; null in profiles of version 1.</param>
internal sealed record Figure(double? Value, long Weight, ColumnProfile? Column = null, ColumnState? State = null, string? Reason = null)
{
    public static Figure None(string reason) => new(null, 0, Reason: reason);

    /// <summary>The figure of several partitions that together are one period; null value where that would need their rows.</summary>
    public static Figure Together(SeriesMetric metric, IReadOnlyList<Figure> parts)
    {
        if (parts.Count == 1) return parts[0];
        var rows = parts.Sum(p => p.Weight);
        if (metric.Source == MetricSource.Profile && parts.All(p => p.State is not null)) return Merged(metric, parts, rows);
        var filled = parts.Where(p => p.Value is not null).ToArray();
        if (filled.Length == 0) return parts[^1];
        double? value = metric.Source switch
        {
            MetricSource.Rows => rows,
            MetricSource.Manifest => rows == 0 ? 0 : parts.Sum(p => p.Value * p.Weight) / rows,
            MetricSource.Profile => OfVersion1(metric.Figure, filled, rows),
            _ => null,
        };
        return value is null ? None($"{parts.Count} partitions are this period, and '{metric.Figure}' of them together needs their rows") : new Figure(value, rows);
    }

    private static Figure Merged(SeriesMetric metric, IReadOnlyList<Figure> parts, long rows)
    {
        var state = parts[0].State!.Copy();
        foreach (var part in parts.Skip(1)) state.Merge(part.State!);
        return ProfileFigures.Find(metric.Figure)!.Read(state.ToProfile(), rows, metric.Probability) is { } value && double.IsFinite(value)
            ? new Figure(value, rows) : None(state.Count == 0 ? "the column is empty" : "not computed");
    }

    private static double? OfVersion1(string figure, Figure[] parts, long rows) => figure switch
    {
        "nulls" => parts.Sum(p => p.Value),
        "completeness" => rows == 0 ? null : 1 - ((double)parts.Sum(p => p.Column!.Nulls) / rows),
        "min" => parts.Min(p => p.Value),
        "max" => parts.Max(p => p.Value),
        "mean" => Moments(parts).Mean,
        "stddev" => Moments(parts) is { Count: > 1 } m ? Math.Sqrt(m.SquaredDeviations / (m.Count - 1)) : null,
        _ => null,
    };

    private static MomentsState Moments(IEnumerable<Figure> parts) => parts
        .Select(p => (p.Column, Count: p.Weight - p.Column!.Nulls))
        .Where(p => p.Count > 0 && p.Column!.Mean is not null)
        .Select(p => new MomentsState(p.Count, p.Column!.Mean!.Value, (p.Column.Stddev ?? 0) * (p.Column.Stddev ?? 0) * (p.Count - 1)))
        .Aggregate(new MomentsState(0, 0, 0), (a, b) => (MomentsState)a.Merge(b));
}
