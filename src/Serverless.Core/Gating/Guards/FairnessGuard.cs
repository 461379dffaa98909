using Serverless.Fairness;
using Serverless.Models;
using Serverless.Problems;
using static Serverless.Gating.GateText;

namespace Serverless.Gating.Guards;

/// <summary>Bounds on how far groups are apart: the difference, or the ratio (0.8 is the four-fifths rule of the US Uniform Guidelines on Employee Selection Procedures, 1978).</summary>
internal sealed class FairnessGuard : IGuard
{
    public string Name => "fairness";

    public IReadOnlyList<GuardSetting> Settings =>
    [
        new("by", GuardSettingKind.Words), new("measure", GuardSettingKind.Word), new("maxDifference", GuardSettingKind.Number, 0), new("minRatio", GuardSettingKind.Number, 0, 1),
        new("class", GuardSettingKind.Word), new("minRows", GuardSettingKind.Whole, 1), new("confidence", GuardSettingKind.Number, 0.5, 0.9999),
    ];

    public IEnumerable<(string?, string)> Problems(GuardSettings settings, ModelDefinition model)
    {
        var measures = FairnessMeasures.Of(model.Task);
        if (Measure(settings, model) is var measure && !measures.Contains(measure)) yield return ("measure", $"cannot measure '{measure}' of a {model.Task.ToString().ToLowerInvariant()} task.{Suggest.Hint(measure, measures)}");
        if (settings.Text("maxDifference") is null && settings.Text("minRatio") is null) yield return (null, "needs a limit: maxDifference or minRatio.");
        if (settings.Text("minRatio") is not null && measure is FairnessMeasures.Rate.MeanError or FairnessMeasures.Rate.CalibrationGap) yield return ("minRatio", $"cannot bound the ratio of '{measure}', which may be negative.");
        if (settings.Text("by") is null && model.Fairness is null) yield return (null, "needs 'by', or a section 'fairness' with groups.");
        if (settings.Text("class") is not null && model.Task != TaskKind.Multiclass) yield return ("class", "has 'class', which is for multiclass tasks.");
    }

    public IEnumerable<GroupDefinition> Groups(GuardSettings settings, ModelDefinition model) =>
        settings.Text("by") is null ? model.Fairness?.Groups ?? [] : settings.Groups("by").Select(g => model.Fairness?.Groups.FirstOrDefault(f => f.Name == g.Name) ?? g);

    public IEnumerable<GateFinding> Judge(GuardSettings settings, GuardScope scope)
    {
        var minRows = settings.Whole("minRows", scope.Model.Fairness?.MinRows ?? FairnessDefinition.DefaultMinRows);
        var confidence = settings.Number("confidence");
        foreach (var group in Groups(settings, scope.Model))
        {
            var found = GroupFairness.Compare(scope.Candidate, scope.GroupBy(group), minRows, confidence ?? scope.Model.Fairness?.Confidence ?? GateDefinition.DefaultConfidence);
            foreach (var grouping in found.Where(g => settings.Text("class") is not { } only || g.Class == only))
            {
                var disparity = grouping.Disparities.First(d => d.Measure == Measure(settings, scope.Model));
                foreach (var finding in Judge(grouping, disparity, settings, confidence is not null, scope)) yield return finding;
            }
        }
    }

    private static string Measure(GuardSettings settings, ModelDefinition model) => settings.Text("measure") switch
    {
        null => model.Task == TaskKind.Regression ? FairnessMeasures.Rate.MeanError : FairnessMeasures.DemographicParity,
        "equalized-odds" => FairnessMeasures.EqualisedOdds,
        { } measure => measure,
    };

    private IEnumerable<GateFinding> Judge(GroupingFairness grouping, Disparity disparity, GuardSettings settings, bool proven, GuardScope scope)
    {
        var slice = grouping.Class is null ? grouping.Grouping : $"{grouping.Grouping}, class {grouping.Class}";
        var basis = new GateFinding { Guard = Name, Outcome = GateOutcome.NotApplicable, Metric = disparity.Measure, Slice = slice, Rows = scope.Candidate.Rows, Reason = "" };
        if (disparity.NotApplicable is { } why)
        {
            yield return basis with { Reason = $"{disparity.Measure} by {slice} was not judged: {why}" };
            yield break;
        }

        var between = $"between '{disparity.Highest}' (highest) and '{disparity.Lowest}' (lowest)";
        if (settings.Number("maxDifference") is { } most)
        {
            var value = disparity.Difference!.Value;
            var interval = disparity.DifferenceInterval;
            var passed = proven && interval is not null ? interval.Lower <= most : value <= most;
            yield return basis with
            {
                Outcome = passed ? GateOutcome.Passed : GateOutcome.Failed, Value = value, Interval = interval, Threshold = $"difference {(proven ? "not proven to be above" : "at most")} {F(most)}",
                Reason = $"{disparity.Measure} by {slice}: difference {F(value)} {between} is {Verdict(passed, proven, value <= most, "at most", "above")} {F(most)}{(interval is null ? "" : $" ({interval})")}",
            };
        }

        if (settings.Number("minRatio") is not { } least) yield break;
        if (disparity.Ratio is not { } ratio)
        {
            yield return basis with { Reason = $"{disparity.Measure} by {slice} has no ratio: the rate is 0 in every group" };
            yield break;
        }

        var enough = proven && disparity.RatioInterval is { } r ? r.Upper >= least : ratio >= least;
        yield return basis with
        {
            Outcome = enough ? GateOutcome.Passed : GateOutcome.Failed, Value = ratio, Interval = disparity.RatioInterval, Threshold = $"ratio {(proven ? "not proven to be below" : "at least")} {F(least)}",
            Reason = $"{disparity.Measure} by {slice}: ratio {F(ratio)} {between} is {Verdict(enough, proven, ratio >= least, "at least", "below")} {F(least)}{(disparity.RatioInterval is null ? "" : $" ({disparity.RatioInterval})")}",
        };
    }

    private static string Verdict(bool passed, bool proven, bool within, string good, string bad) => within ? good : passed && proven ? $"{bad}, but not proven to be {bad}," : bad;
}
