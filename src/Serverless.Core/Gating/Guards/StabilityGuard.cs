using System.Globalization;
using Serverless.Models;
using static Serverless.Gating.GateText;

namespace Serverless.Gating.Guards;

/// <summary>A metric over the last stretches of the holdout by time: a good mean may hide that the model was good only at the beginning.</summary>
internal sealed class StabilityGuard : IGuard
{
    private const int DefaultWindows = 4;
    private const int DefaultMinRows = 100;

    public string Name => "stability";

    public IReadOnlyList<GuardSetting> Settings =>
    [
        new("metric", GuardSettingKind.Word), new("windows", GuardSettingKind.Whole, 2, 1000), new("every", GuardSettingKind.Duration), new("min", GuardSettingKind.Number),
        new("max", GuardSettingKind.Number), new("spread", GuardSettingKind.Number, 0), new("minRows", GuardSettingKind.Whole, 2),
    ];

    public IEnumerable<(string?, string)> Problems(GuardSettings settings, ModelDefinition model)
    {
        foreach (var problem in MetricLimits.Problems(settings, model, "spread")) yield return problem;
        if (settings.Duration("every") is { } every && every * 2 > model.Holdout)
        {
            yield return ("every", FormattableString.Invariant($"has windows of {every.TotalDays:0.##} days; a holdout of {model.Holdout.TotalDays:0.##} days has fewer than two of them."));
        }
    }

    public IEnumerable<GateFinding> Judge(GuardSettings settings, GuardScope scope)
    {
        var (metric, minRows) = (MetricLimits.MetricOf(settings, scope.Model), settings.Whole("minRows", DefaultMinRows));
        var values = new List<double>();
        foreach (var (from, until) in Windows(settings, scope))
        {
            var slice = Stretch(from, until);
            int[] rows = [.. Enumerable.Range(0, scope.Ticks.Length).Where(i => scope.Ticks[i] >= from && scope.Ticks[i] < until)];
            if (rows.Length < minRows || scope.Candidate.Take(rows).Metric(metric.Name) is not { } value)
            {
                yield return new GateFinding
                {
                    Guard = "stability", Outcome = GateOutcome.NotApplicable, Metric = metric.Name, Slice = slice, Rows = rows.Length,
                    Reason = rows.Length < minRows ? $"{slice} was not judged: {Rows(rows.Length)}, fewer than {minRows}" : $"{metric.Name} is not defined in {slice} ({Rows(rows.Length)} of one class, or that do not vary)",
                };
                continue;
            }

            values.Add(value);
            foreach (var finding in MetricLimits.Judge("stability", metric, value, slice, rows.Length, settings)) yield return finding with { Reason = finding.Reason.Replace("where ", "in ", StringComparison.Ordinal) };
        }

        if (settings.Number("spread") is { } most && values.Count > 1)
        {
            var spread = values.Max() - values.Min();
            yield return new GateFinding
            {
                Guard = "stability", Outcome = spread <= most ? GateOutcome.Passed : GateOutcome.Failed, Metric = metric.Name, Rows = scope.Candidate.Rows, Value = spread, Threshold = $"spread at most {F(most)}",
                Reason = $"{metric.Name} goes from {F(values.Min())} to {F(values.Max())} over {values.Count} windows: a spread of {F(spread)} is {(spread <= most ? "at most" : "above")} {F(most)}",
            };
        }
    }

    /// <summary>Counted back from the end of the holdout; without <c>every</c> the whole of it in equal parts.</summary>
    private static IEnumerable<(long From, long Until)> Windows(GuardSettings settings, GuardScope scope)
    {
        var count = settings.Whole("windows", DefaultWindows);
        var (from, until) = scope.Span;
        var length = settings.Duration("every")?.Ticks ?? (until - from) / count;
        for (var i = count; i > 0; i--)
        {
            if (length > 0 && until - (i * length) >= from) yield return (until - (i * length), until - ((i - 1) * length));
        }
    }

    private static string Stretch(long from, long until) => $"{Time(from)}..{Time(until)}";

    private static string Time(long ticks) => new DateTime(ticks, DateTimeKind.Utc) is var t && t.TimeOfDay == TimeSpan.Zero
        ? t.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : t.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);
}
