using Serverless.Models;
using static Serverless.Gating.GateText;

namespace Serverless.Gating.Guards;

/// <summary>A metric on parts of the holdout: a model that is better on the whole may be worse for a few.</summary>
internal sealed class SlicesGuard : IGuard
{
    private const int DefaultMinRows = 100;
    private const int MostSlices = 200;

    public string Name => "slices";

    public IReadOnlyList<GuardSetting> Settings =>
    [
        new("by", GuardSettingKind.Words, Required: true), new("metric", GuardSettingKind.Word), new("min", GuardSettingKind.Number), new("max", GuardSettingKind.Number),
        new("tolerance", GuardSettingKind.Number, 0), new("confidence", GuardSettingKind.Number, 0.5, 0.9999), new("minRows", GuardSettingKind.Whole, 2),
    ];

    public IEnumerable<(string?, string)> Problems(GuardSettings settings, ModelDefinition model) => MetricLimits.Problems(settings, model, "tolerance");

    public IEnumerable<GroupDefinition> Groups(GuardSettings settings, ModelDefinition model) =>
        settings.Groups("by").Select(g => model.Fairness?.Groups.FirstOrDefault(f => f.Name == g.Name) ?? g);

    public IEnumerable<GateFinding> Judge(GuardSettings settings, GuardScope scope) => Groups(settings, scope.Model).SelectMany(g => Judge(g, settings, scope));

    private IEnumerable<GateFinding> Judge(GroupDefinition group, GuardSettings settings, GuardScope scope)
    {
        var (grouping, minRows) = (scope.GroupBy(group), settings.Whole("minRows", DefaultMinRows));
        var slices = grouping.Members().Select((rows, i) => (Name: $"{grouping.Name} = {grouping.Names[i]}", Rows: rows)).OrderByDescending(s => s.Rows.Length).ToArray();
        foreach (var slice in slices.Take(MostSlices).TakeWhile(s => s.Rows.Length >= minRows))
        {
            scope.Cancel.ThrowIfCancellationRequested();
            foreach (var finding in Judge(slice.Name, slice.Rows, settings, scope)) yield return finding;
        }

        var small = slices.Where((s, i) => i >= MostSlices || s.Rows.Length < minRows).ToArray();
        if (small.Length == 0) yield break;
        yield return new GateFinding
        {
            Guard = Name, Outcome = GateOutcome.NotApplicable, Slice = grouping.Name, Rows = small.Sum(s => (long)s.Rows.Length),
            Reason = $"{small.Length} of {slices.Length} slices by {grouping.Name} were not judged: {(slices.Length > MostSlices ? $"only the {MostSlices} largest are, and " : "")}each needs {Rows(minRows)} (together they have {Rows(small.Sum(s => (long)s.Rows.Length))})",
        };
    }

    private IEnumerable<GateFinding> Judge(string slice, int[] rows, GuardSettings settings, GuardScope scope)
    {
        var metric = MetricLimits.MetricOf(settings, scope.Model);
        var candidate = scope.Candidate.Take(rows);
        if (candidate.Metric(metric.Name) is not { } value)
        {
            yield return new GateFinding
            {
                Guard = Name, Outcome = GateOutcome.NotApplicable, Metric = metric.Name, Slice = slice, Rows = rows.Length, Reason = $"{metric.Name} is not defined where {slice} ({Rows(rows.Length)} of one class, or that do not vary)",
            };
            yield break;
        }

        foreach (var finding in MetricLimits.Judge(Name, metric, value, slice, rows.Length, settings)) yield return finding;
        if (settings.Number("tolerance") is not { } tolerance || scope.Champion?.Take(rows) is not { } champion || champion.Metric(metric.Name) is not { } rival) yield break;
        var decision = settings.Number("confidence") is null ? GateDecision.Estimate : GateDecision.ProvenWorse;
        var difference = PairedComparison.Of(metric.Name, value, rival, candidate, champion, settings.Number("confidence") ?? GateDefinition.DefaultConfidence, scope.Seed, scope.Cancel);
        var (passed, verdict) = DifferenceRule.Judge(decision, tolerance, metric.MoreIsBetter, value, rival, difference.Interval);
        yield return new GateFinding
        {
            Guard = Name, Outcome = passed ? GateOutcome.Passed : GateOutcome.Failed, Metric = metric.Name, Slice = slice, Rows = rows.Length, Value = value, Reference = rival, Interval = difference.Interval,
            PValue = difference.PValue, Threshold = DifferenceRule.Describe(decision, tolerance), Reason = $"{metric.Name} {F(value)} against the champion's {F(rival)} where {slice} ({Rows(rows.Length)}): {verdict}",
        };
    }
}
