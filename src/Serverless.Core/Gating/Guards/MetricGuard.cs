using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Problems;
using static Serverless.Gating.GateText;

namespace Serverless.Gating.Guards;

/// <summary>Bounds on a second metric of the whole holdout, by name.</summary>
internal sealed class MetricGuard : IGuard
{
    public string Name => "metric";

    public IReadOnlyList<GuardSetting> Settings =>
    [
        new("name", GuardSettingKind.Word, Required: true), new("min", GuardSettingKind.Number), new("max", GuardSettingKind.Number), new("tolerance", GuardSettingKind.Number, 0),
        new("confidence", GuardSettingKind.Number, 0.5, 0.9999),
    ];

    public IEnumerable<(string?, string)> Problems(GuardSettings settings, ModelDefinition model)
    {
        var name = settings.Text("name")!;
        if (MetricCatalogue.Find(model, name) is null)
        {
            yield return ("name", $"names '{name}', which is not a metric of a {model.Task.ToString().ToLowerInvariant()} task.{Suggest.Hint(name, MetricCatalogue.Of(model).Select(m => m.Name))}");
        }

        foreach (var problem in MetricLimits.Problems(settings, model, "tolerance")) yield return problem;
    }

    public IEnumerable<GateFinding> Judge(GuardSettings settings, GuardScope scope)
    {
        var metric = MetricCatalogue.Find(scope.Model, settings.Text("name")!)!;
        if (!scope.Metrics.TryGetValue(metric.Name, out var value) || !double.IsFinite(value))
        {
            yield return new GateFinding { Guard = Name, Outcome = GateOutcome.Failed, Metric = metric.Name, Rows = scope.Candidate.Rows, Reason = $"{metric.Name} cannot be computed on the holdout" };
            yield break;
        }

        foreach (var finding in MetricLimits.Judge(Name, metric, value, null, scope.Candidate.Rows, settings)) yield return finding;
        if (settings.Number("tolerance") is not { } tolerance || scope.ChampionMetrics?.TryGetValue(metric.Name, out var rival) is not true) yield break;
        var decision = settings.Number("confidence") is null ? GateDecision.Estimate : GateDecision.ProvenWorse;
        var difference = scope.Champion is null ? null
            : PairedComparison.Of(metric.Name, value, rival, scope.Candidate, scope.Champion, settings.Number("confidence") ?? GateDefinition.DefaultConfidence, scope.Seed, scope.Cancel);
        var (passed, verdict) = DifferenceRule.Judge(decision, tolerance, metric.MoreIsBetter, value, rival, difference?.Interval);
        yield return new GateFinding
        {
            Guard = Name, Outcome = passed ? GateOutcome.Passed : GateOutcome.Failed, Metric = metric.Name, Rows = scope.Candidate.Rows, Value = value, Reference = rival, Interval = difference?.Interval,
            PValue = difference?.PValue, Threshold = DifferenceRule.Describe(decision, tolerance), Reason = $"{metric.Name} {F(value)} against the champion's {F(rival)}: {verdict}",
        };
    }
}
