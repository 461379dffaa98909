using Serverless.Evaluation;
using Serverless.Evaluation.Weighted;
using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Gating;

/// <summary>What a metric of the candidate and of another model differ by on the same rows.</summary>
public sealed record MetricDifference
{
    public required string Metric { get; init; }

    public required double Candidate { get; init; }

    public required double Other { get; init; }

    /// <summary>Candidate minus other, in the metric's unit, whichever way is better.</summary>
    public double Difference => Candidate - Other;

    /// <summary>Of the difference; null when the rows do not allow one.</summary>
    public Interval? Interval { get; init; }

    public double? PValue { get; init; }

    public required long Rows { get; init; }

    /// <summary>Of the bootstrap.</summary>
    public int? Replicates { get; init; }
}

/// <summary>
/// Intervals of differences between two models on the same rows: DeLong's for areas under the ROC curve, Student's for means over rows (with McNemar's mid-p for the
/// accuracy), the paired bootstrap for everything else. Rows count as independent; where neighbours resemble each other, the true interval is wider.
/// </summary>
internal static class PairedComparison
{
    /// <returns>Null when the metric is not defined for one of them.</returns>
    public static MetricDifference? Of(string metric, JudgedRows candidate, JudgedRows other, double confidence, int seed, CancellationToken cancel = default) =>
        candidate.Metric(metric) is { } own && other.Metric(metric) is { } rival ? Of(metric, own, rival, candidate, other, confidence, seed, cancel) : null;

    /// <summary>As <see cref="Of(string, JudgedRows, JudgedRows, double, int, CancellationToken)"/>, where the figures are known already.</summary>
    public static MetricDifference Of(string metric, double own, double rival, JudgedRows candidate, JudgedRows other, double confidence, int seed, CancellationToken cancel = default)
    {
        var found = new MetricDifference { Metric = metric, Candidate = own, Other = rival, Rows = candidate.Rows };
        if (candidate.Task == TaskKind.Binary && metric == "auc")
        {
            return DeLong.Compare(candidate.Truth, candidate.Outputs, other.Outputs) is { } areas ? found with { Interval = areas.Interval(confidence), PValue = areas.PValue } : found;
        }

        if (Losses(metric, candidate) is { } a && Losses(metric, other) is { } b)
        {
            var test = PairedT.Of([.. a.Zip(b, (x, y) => x - y)]);
            return found with { Interval = test?.Interval(confidence), PValue = metric == "accuracy" ? MidP(a, b) : test?.PValue };
        }

        if (candidate.Figure(metric) is not { } first || other.Figure(metric) is not { } second) return found;
        var (interval, replicates) = PairedBootstrap.Difference(first, second, candidate.Rows, confidence, seed, null, cancel);
        return found with { Interval = interval, Replicates = replicates };
    }

    private static double[]? Losses(string metric, JudgedRows rows) => rows.Own.TryGetValue(metric, out var own)
        ? (own.Metric.Aggregate == MetricAggregate.Mean && !Array.Exists(own.Values, double.IsNaN) ? own.Values : null)
        : RowLoss.Of(rows.Task, metric, rows.Truth, rows.Outputs, rows.Classes.Count, rows.Threshold);

    private static double MidP(double[] right, double[] otherRight)
    {
        long first = 0, second = 0;
        for (var i = 0; i < right.Length; i++)
        {
            if (right[i] > otherRight[i]) first++;
            else if (right[i] < otherRight[i]) second++;
        }

        return new McNemar(first, second).MidP;
    }
}
