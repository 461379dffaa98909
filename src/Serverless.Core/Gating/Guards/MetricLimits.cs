using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Problems;
using static Serverless.Gating.GateText;

namespace Serverless.Gating.Guards;

/// <summary>What guards over a metric have in common: its name, the least and the most that is accepted.</summary>
internal static class MetricLimits
{
    /// <summary>The guard's metric, else the gate's.</summary>
    public static MetricDescription MetricOf(GuardSettings settings, ModelDefinition model) =>
        settings.Text("metric") is { } name && MetricCatalogue.Find(model, name) is { } metric ? metric : Gate.MetricOf(model);

    /// <param name="others">Further settings that judge: one of them, or a limit, has to be there.</param>
    public static IEnumerable<(string?, string)> Problems(GuardSettings settings, ModelDefinition model, params string[] others)
    {
        if (settings.Text("metric") is { } name && MetricCatalogue.Find(model, name) is null)
        {
            yield return ("metric", $"names '{name}', which is not a metric of a {model.Task.ToString().ToLowerInvariant()} task.{Suggest.Hint(name, MetricCatalogue.Of(model).Select(m => m.Name))}");
            yield break;
        }

        string[] judging = ["min", "max", .. others];
        if (judging.All(s => settings.Text(s) is null)) yield return (null, $"needs a limit: {string.Join(" or ", judging)}.");
        if (settings.Number("min") > settings.Number("max")) yield return ("min", "has a min greater than its max, so no model could pass.");
    }

    public static IEnumerable<GateFinding> Judge(string guard, MetricDescription metric, double value, string? slice, long rows, GuardSettings settings)
    {
        var where = slice is null ? "" : $" where {slice} ({Rows(rows)})";
        if (settings.Number("min") is { } min) yield return Finding(value >= min, $"at least {F(min)}", value >= min ? $"at least {F(min)}" : $"below {F(min)}");
        if (settings.Number("max") is { } max) yield return Finding(value <= max, $"at most {F(max)}", value <= max ? $"at most {F(max)}" : $"above {F(max)}");

        GateFinding Finding(bool passed, string threshold, string verdict) => new()
        {
            Guard = guard, Outcome = passed ? GateOutcome.Passed : GateOutcome.Failed, Metric = metric.Name, Slice = slice, Rows = rows, Value = value, Threshold = threshold,
            Reason = $"{metric.Name} {F(value)}{where} is {verdict}",
        };
    }
}
