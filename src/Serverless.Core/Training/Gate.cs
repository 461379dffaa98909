using System.Globalization;
using Serverless.Models;
using Serverless.Evaluation;

namespace Serverless.Training;

/// <summary>Decides whether a candidate may go on: thresholds, the champion and the baseline, all on one holdout. Every reason quotes the figures that were compared.</summary>
internal static class Gate
{
    public static GateResult Judge(ModelDefinition model, IReadOnlyDictionary<string, double> candidate, Rival? champion, IReadOnlyDictionary<string, double>? baseline)
    {
        var gate = model.Gate;
        var metric = gate.Metric is { } name ? MetricCatalogue.Find(model.Task, name) ?? MetricCatalogue.Default(model.Task) : MetricCatalogue.Default(model.Task);
        if (!candidate.TryGetValue(metric.Name, out var value))
        {
            return new GateResult(false, [$"{metric.Name} cannot be computed on the holdout (one class only, or labels that do not vary), so nothing can be compared"]);
        }

        var findings = new List<(bool Passed, string Reason)>();
        if (gate.Min is { } min) findings.Add((value >= min, $"{metric.Name} {F(value)} is {(value >= min ? "at least" : "below")} {F(min)} (min)"));
        if (gate.Max is { } max) findings.Add((value <= max, $"{metric.Name} {F(value)} is {(value <= max ? "at most" : "above")} {F(max)} (max)"));
        if (baseline is not null && baseline.TryGetValue(metric.Name, out var floor))
        {
            var better = metric.MoreIsBetter ? value > floor : value < floor;
            findings.Add((better, $"{metric.Name} {F(value)} is {(better ? "better" : "not better")} than the baseline's {F(floor)}"));
        }

        if (champion is not null) findings.Add(Champion(metric, value, champion, gate.Tolerance));
        return new GateResult(findings.All(f => f.Passed), [.. findings.OrderBy(f => f.Passed).Select(f => f.Reason)]);
    }

    private static (bool, string) Champion(MetricDescription metric, double value, Rival champion, double tolerance)
    {
        if (champion.Metrics is null || !champion.Metrics.TryGetValue(metric.Name, out var rival)) return (true, $"champion version {champion.Version} was not compared: {champion.Why ?? "no figure"}");
        var worse = metric.MoreIsBetter ? rival - value : value - rival;
        var figures = $"{metric.Name} {F(value)} against {F(rival)} of champion version {champion.Version}";
        return worse <= 0 ? (true, $"{figures}: not worse")
            : worse <= tolerance ? (true, $"{figures}: worse by {F(worse)}, within the tolerance of {F(tolerance)}")
            : (false, $"{figures}: worse by {F(worse)}, more than the tolerance of {F(tolerance)}");
    }

    private static string F(double value) => value.ToString(Math.Abs(value) < 1e-3 && value != 0 ? "0.####E+0" : "0.####", CultureInfo.InvariantCulture);
}

/// <summary>The champion on the candidate's holdout.</summary>
/// <param name="Metrics">Null when it could not be compared; <paramref name="Why"/> says why.</param>
internal sealed record Rival(int Version, IReadOnlyDictionary<string, double>? Metrics, string? Why);
