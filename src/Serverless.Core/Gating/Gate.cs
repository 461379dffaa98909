using Serverless.Evaluation;
using Serverless.Models;
using static Serverless.Gating.GateText;

namespace Serverless.Gating;

/// <summary>
/// Decides whether a candidate may go on: thresholds, the baseline, the champion and the guards, all on one holdout. Judges stored figures only, so a repeated step says
/// the same. Every reason quotes the figures that were compared.
/// </summary>
internal static class Gate
{
    public static GateResult Judge(ModelDefinition model, IReadOnlyDictionary<string, double> candidate, Rival? champion, IReadOnlyDictionary<string, double>? baseline, GateEvidence? evidence = null)
    {
        var gate = model.Gate;
        var metric = MetricOf(model);
        List<GateFinding> findings = [];
        if (!candidate.TryGetValue(metric.Name, out var value) || !double.IsFinite(value))
        {
            findings.Add(new GateFinding
            {
                Guard = "threshold", Outcome = GateOutcome.Failed, Metric = metric.Name,
                Reason = $"{metric.Name} {(evidence?.Undefined is { } why ? $"cannot be computed on the holdout: {why}" : "cannot be computed on the holdout (one class only, or labels that do not vary)")}, so nothing can be compared"
                    + (champion is null ? "" : $"; champion version {champion.Version} stays"),
            });
            return GateResult.Of([.. findings, .. evidence?.Findings ?? []]);
        }

        if (gate.Min is { } min) findings.Add(Limit(metric.Name, value, value >= min, $"at least {F(min)}", value >= min ? "at least" : "below", min, "min"));
        if (gate.Max is { } max) findings.Add(Limit(metric.Name, value, value <= max, $"at most {F(max)}", value <= max ? "at most" : "above", max, "max"));
        if (baseline is not null && baseline.TryGetValue(metric.Name, out var floor)) findings.Add(Baseline(metric, value, floor, evidence?.Baseline));
        if (champion is not null) findings.Add(Champion(gate, metric, value, champion, evidence?.Champion));
        return GateResult.Of([.. findings, .. evidence?.Findings ?? []]);
    }

    /// <summary>The metric that decides.</summary>
    public static MetricDescription MetricOf(ModelDefinition model) =>
        model.Gate.Metric is { } name ? MetricCatalogue.Find(model, name) ?? MetricCatalogue.Default(model.Task) : MetricCatalogue.Default(model.Task);

    private static GateFinding Limit(string metric, double value, bool passed, string threshold, string word, double limit, string key) => new()
    {
        Guard = "threshold", Outcome = passed ? GateOutcome.Passed : GateOutcome.Failed, Metric = metric, Value = value, Threshold = threshold, Reason = $"{metric} {F(value)} is {word} {F(limit)} ({key})",
    };

    private static GateFinding Baseline(MetricDescription metric, double value, double floor, MetricDifference? difference)
    {
        var better = metric.MoreIsBetter ? value > floor : value < floor;
        return new GateFinding
        {
            Guard = "baseline", Outcome = better ? GateOutcome.Passed : GateOutcome.Failed, Metric = metric.Name, Value = value, Reference = floor, Interval = difference?.Interval,
            PValue = difference?.PValue, Rows = difference?.Rows, Threshold = "better than the baseline", Reason = $"{metric.Name} {F(value)} is {(better ? "better" : "not better")} than the baseline's {F(floor)}",
        };
    }

    private static GateFinding Champion(GateDefinition gate, MetricDescription metric, double value, Rival champion, MetricDifference? difference)
    {
        if (champion.Metrics is null || !champion.Metrics.TryGetValue(metric.Name, out var rival))
        {
            return new GateFinding
            {
                Guard = "champion", Outcome = GateOutcome.NotApplicable, Metric = metric.Name, Value = value, Reason = $"champion version {champion.Version} was not compared: {champion.Why ?? "no figure"}",
            };
        }

        var (passed, verdict) = DifferenceRule.Judge(gate.Decision, gate.Tolerance, metric.MoreIsBetter, value, rival, difference?.Interval);
        return new GateFinding
        {
            Guard = "champion", Outcome = passed ? GateOutcome.Passed : GateOutcome.Failed, Metric = metric.Name, Value = value, Reference = rival, Interval = difference?.Interval,
            PValue = difference?.PValue, Rows = difference?.Rows, Threshold = DifferenceRule.Describe(gate.Decision, gate.Tolerance),
            Reason = $"{metric.Name} {F(value)} against {F(rival)} of champion version {champion.Version}: {verdict}",
        };
    }
}

/// <summary>The champion on the candidate's holdout.</summary>
/// <param name="Metrics">Null when it could not be compared; <paramref name="Why"/> says why.</param>
internal sealed record Rival(int Version, IReadOnlyDictionary<string, double>? Metrics, string? Why);
