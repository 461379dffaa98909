using Serverless.Evaluation;
using Serverless.Evaluation.Weighted;
using Serverless.Models;
using static Serverless.Gating.GateText;

namespace Serverless.Gating.Guards;

/// <summary>Whether a probability means what it says. ECE: <see cref="ExpectedCalibrationError"/>, for a multiclass task of the most probable class; Brier: mean squared error of the probability.</summary>
internal sealed class CalibrationGuard : IGuard
{
    private const string Ece = "ece";
    private const string Brier = "brier";

    public string Name => "calibration";

    public IReadOnlyList<GuardSetting> Settings =>
    [
        new("metric", GuardSettingKind.Word, Options: [Ece, Brier]), new("max", GuardSettingKind.Number, 0, 2), new("tolerance", GuardSettingKind.Number, 0), new("bins", GuardSettingKind.Whole, 2, 1000),
    ];

    public IEnumerable<(string?, string)> Problems(GuardSettings settings, ModelDefinition model)
    {
        if (model.Task == TaskKind.Regression) yield return (null, "is about probabilities; a regression has none.");
        else if (settings.Text("max") is null && settings.Text("tolerance") is null) yield return (null, "needs a limit: max or tolerance.");
        if (settings.Text("metric") == Brier && settings.Text("bins") is not null) yield return ("bins", "has 'bins', which are for 'ece'.");
    }

    public IEnumerable<GateFinding> Judge(GuardSettings settings, GuardScope scope)
    {
        var metric = settings.Text("metric") ?? Ece;
        var value = Compute(metric, scope.Candidate, settings);
        if (settings.Number("max") is { } max) yield return Finding(value <= max, null, $"at most {F(max)}", $"{metric} {F(value)} is {(value <= max ? "at most" : "above")} {F(max)}");
        if (settings.Number("tolerance") is not { } tolerance || scope.Champion is null) yield break;
        var rival = Compute(metric, scope.Champion, settings);
        var (passed, verdict) = DifferenceRule.Judge(GateDecision.Estimate, tolerance, moreIsBetter: false, value, rival, null);
        yield return Finding(passed, rival, DifferenceRule.Describe(GateDecision.Estimate, tolerance), $"{metric} {F(value)} against the champion's {F(rival)}: {verdict}");

        // NaN fails every comparison, and so the guard.
        GateFinding Finding(bool passed, double? reference, string threshold, string reason) => new()
        {
            Guard = Name, Outcome = passed ? GateOutcome.Passed : GateOutcome.Failed, Metric = metric, Rows = scope.Candidate.Rows, Value = value, Reference = reference, Threshold = threshold, Reason = reason,
        };
    }

    private static double Compute(string metric, JudgedRows rows, GuardSettings settings)
    {
        if (metric == Brier) return BrierScore(rows);
        var error = new ExpectedCalibrationError(settings.Whole("bins", ExpectedCalibrationError.DefaultBins));
        for (var i = 0; i < rows.Rows; i++)
        {
            if (rows.Task == TaskKind.Binary) error.Add(rows.Outputs[i], rows.Truth[i] > 0.5);
            else
            {
                var best = RowLoss.Best(rows.Outputs.AsSpan(i * rows.Classes.Count, rows.Classes.Count));
                error.Add(rows.Probability(i, best), (int)rows.Truth[i] == best);
            }
        }

        return error.Value;
    }

    // Over all classes (G. W. Brier, Monthly Weather Review 78, 1950); for two, of the one probability that there is.
    private static double BrierScore(JudgedRows rows)
    {
        var sum = 0.0;
        for (var i = 0; i < rows.Rows; i++)
        {
            if (rows.Task == TaskKind.Binary) sum += (rows.Outputs[i] - rows.Truth[i]) * (rows.Outputs[i] - rows.Truth[i]);
            else
            {
                for (var k = 0; k < rows.Classes.Count; k++)
                {
                    var off = rows.Probability(i, k) - ((int)rows.Truth[i] == k ? 1 : 0);
                    sum += off * off;
                }
            }
        }

        return sum / rows.Rows;
    }
}
