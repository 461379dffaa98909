using Serverless.Evaluation;
using Serverless.Evaluation.Weighted;
using Serverless.Models;
using static Serverless.Gating.GateText;

namespace Serverless.Gating.Guards;

/// <summary>Whether a probability means what it says. ECE: <see cref="CalibrationReport"/>, for a multiclass task of the most probable class; Brier: mean squared error of the probability.</summary>
internal sealed class CalibrationGuard : IGuard
{
    private const string Ece = "ece";
    private const string Brier = "brier";

    public string Name => "calibration";

    public IReadOnlyList<GuardSetting> Settings =>
    [
        new("metric", GuardSettingKind.Word, Options: [Ece, Brier]), new("max", GuardSettingKind.Number, 0, 2), new("tolerance", GuardSettingKind.Number, 0),
    ];

    public IEnumerable<(string?, string)> Problems(GuardSettings settings, ModelDefinition model)
    {
        if (model.Task == TaskKind.Regression) yield return (null, "is about probabilities; a regression has none.");
        else if (settings.Text("max") is null && settings.Text("tolerance") is null) yield return (null, "needs a limit: max or tolerance.");
    }

    public IEnumerable<GateFinding> Judge(GuardSettings settings, GuardScope scope)
    {
        var metric = settings.Text("metric") ?? Ece;
        var value = Compute(metric, scope.Candidate);
        if (settings.Number("max") is { } max) yield return Finding(value <= max, null, $"at most {F(max)}", $"{metric} {F(value)} is {(value <= max ? "at most" : "above")} {F(max)}");
        if (settings.Number("tolerance") is not { } tolerance || scope.Champion is null) yield break;
        var rival = Compute(metric, scope.Champion);
        var (passed, verdict) = DifferenceRule.Judge(GateDecision.Estimate, tolerance, moreIsBetter: false, value, rival, null);
        yield return Finding(passed, rival, DifferenceRule.Describe(GateDecision.Estimate, tolerance), $"{metric} {F(value)} against the champion's {F(rival)}: {verdict}");

        // NaN fails every comparison, and so the guard.
        GateFinding Finding(bool passed, double? reference, string threshold, string reason) => new()
        {
            Guard = Name, Outcome = passed ? GateOutcome.Passed : GateOutcome.Failed, Metric = metric, Rows = scope.Candidate.Rows, Value = value, Reference = reference, Threshold = threshold, Reason = reason,
        };
    }

    private static double Compute(string metric, JudgedRows rows)
    {
        if (metric == Brier) return BrierScore(rows);
        var (stated, came) = (new double[rows.Rows], new bool[rows.Rows]);
        for (var i = 0; i < rows.Rows; i++)
        {
            var best = rows.Task == TaskKind.Binary ? 1 : RowLoss.Best(Answer(rows, i));
            (stated[i], came[i]) = (rows.Probability(i, best), rows.Task == TaskKind.Binary ? rows.Truth[i] > 0.5 : (int)rows.Truth[i] == best);
        }

        return CalibrationReport.ExpectedError(stated, came);
    }

    // Over all classes (G. W. Brier, Monthly Weather Review 78, 1950); for two, of the one probability that there is.
    private static double BrierScore(JudgedRows rows)
    {
        var sum = 0.0;
        for (var i = 0; i < rows.Rows; i++)
        {
            if (rows.Task == TaskKind.Binary) sum += (rows.Outputs[i] - rows.Truth[i]) * (rows.Outputs[i] - rows.Truth[i]);
            else sum += RowLoss.Brier(Answer(rows, i), (int)rows.Truth[i]);
        }

        return sum / rows.Rows;
    }

    private static ReadOnlySpan<double> Answer(JudgedRows rows, int row) => rows.Outputs.AsSpan(row * rows.Classes.Count, rows.Classes.Count);
}
