using System.Globalization;
using Serverless.Evaluation;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Statistics;
using Serverless.Workspaces;

namespace Serverless.Tracking;

/// <summary>How a model's metrics went from training to training.</summary>
public interface IModelPerformance
{
    /// <param name="metrics">Empty = the metric of the gate.</param>
    /// <exception cref="RequestException">The model or a metric does not exist.</exception>
    Task<PerformanceReport> ReadAsync(string model, IReadOnlyList<string> metrics, CancellationToken cancel = default);
}

public sealed record PerformanceReport(string Model, IReadOnlyList<PerformanceSeries> Series)
{
    /// <summary>How the model does on what came true of its predictions, and what is to be expected of the others; null where that was not asked for.</summary>
    public Performance.ModelOutcomes? Outcomes { get; init; }
}

/// <summary>A metric of a model over its trainings, oldest first.</summary>
public sealed record PerformanceSeries
{
    public required string Metric { get; init; }

    public required bool MoreIsBetter { get; init; }

    public required IReadOnlyList<PerformancePoint> Points { get; init; }

    /// <summary>By ISO week of the training.</summary>
    public required IReadOnlyList<WeekFigures> Weeks { get; init; }

    /// <summary>Null with fewer than three trainings at different times.</summary>
    public Trend? Trend { get; init; }

    /// <summary>The trend in words.</summary>
    public required string Words { get; init; }
}

/// <param name="Version">Null when the gate refused.</param>
public sealed record PerformancePoint(string Run, int? Version, DateTimeOffset At, double Value);

/// <param name="Week"><c>2026-W03</c>, ISO 8601.</param>
public sealed record WeekFigures(string Week, int Trainings, double Max, double Min, double Mean, double Median);

internal sealed class ModelPerformance(ITrackedRuns runs, Workspace workspace) : IModelPerformance
{
    public async Task<PerformanceReport> ReadAsync(string model, IReadOnlyList<string> metrics, CancellationToken cancel = default)
    {
        var definition = workspace.Model(model);
        var names = metrics.Count > 0 ? metrics : [definition.Gate.Metric ?? MetricCatalogue.Default(definition.Task).Name];
        var wanted = names.Select(n => MetricCatalogue.Find(definition, n)
            ?? throw new RequestException($"'{n}' is not a metric of model '{model}'.{Suggest.Hint(n, MetricCatalogue.Of(definition).Select(m => m.Name))}")).ToArray();
        var trained = (await runs.ListAsync(new RunQuery { Kind = "train", Subject = model, Limit = int.MaxValue }, cancel)).Where(r => r.Metrics.Count > 0).Reverse().ToArray();
        return new PerformanceReport(model, [.. wanted.Select(m => Series(m, trained))]);
    }

    internal static PerformanceSeries Series(MetricDescription metric, IReadOnlyList<TrackedRun> trained) =>
        Of(metric, [.. trained.Where(r => r.Metrics.ContainsKey(metric.Name)).Select(r => new PerformancePoint(r.Run.Id, Version(r.Run), r.Run.CreatedAt, r.Metrics[metric.Name]))]);

    internal static PerformanceSeries Of(MetricDescription metric, IReadOnlyList<PerformancePoint> points)
    {
        var trend = points.Count == 0 ? null : TheilSen.Fit([.. points.Select(p => (p.At - points[0].At).TotalDays)], [.. points.Select(p => p.Value)]);
        return new PerformanceSeries { Metric = metric.Name, MoreIsBetter = metric.MoreIsBetter, Points = points, Weeks = Weeks(points), Trend = trend, Words = Words(metric, points.Count, trend) };
    }

    private static WeekFigures[] Weeks(IReadOnlyList<PerformancePoint> points) =>
    [
        .. points.GroupBy(p => string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(p.At.UtcDateTime)}-W{ISOWeek.GetWeekOfYear(p.At.UtcDateTime):00}")).Select(week =>
        {
            double[] sorted = [.. week.Select(p => p.Value).Order()];
            return new WeekFigures(week.Key, sorted.Length, sorted[^1], sorted[0], sorted.Average(), SortedQuantile.Of(sorted, 0.5));
        }),
    ];

    private static string Words(MetricDescription metric, int points, Trend? trend)
    {
        if (trend is null) return points == 0 ? "no training has this metric yet" : "too few trainings at different times for a trend";
        string F(double value) => value.ToString("0.####E+0", CultureInfo.InvariantCulture) is var small && Math.Abs(value) < 1e-3 && value != 0 ? small : value.ToString("0.####", CultureInfo.InvariantCulture);
        var interval = $"{F(trend.Slope * 7)} a week, {trend.Confidence * 100:0.##} % interval {F(trend.Lower * 7)} to {F(trend.Upper * 7)}";
        if (trend.Lower <= 0 && trend.Upper >= 0) return $"no clear trend ({interval})";
        return $"{(trend.Slope > 0 == metric.MoreIsBetter ? "getting better" : "getting worse")}: {(trend.Slope > 0 ? "rising" : "falling")} by {interval}";
    }

    private static int? Version(RunRecord run) =>
        run.Data.TryGetProperty("report", out var report) && report.TryGetProperty("version", out var version) && version.TryGetInt32(out var number) ? number : null;
}
