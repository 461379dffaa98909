using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Rollouts;

/// <summary>What the outcomes of an experiment say so far.</summary>
/// <param name="Metric">The metric that decides.</param>
/// <param name="Planned">Subjects with an outcome that each variant needs; null for a bandit.</param>
/// <param name="Mismatch">P-value of the planned shares, given how many subjects each variant has; null without subjects, and for a bandit, whose shares move.</param>
/// <param name="Verdict">One sentence.</param>
public sealed record ExperimentReport(string Metric, long? Planned, double? Mismatch, IReadOnlyList<ArmReport> Arms, string Verdict);

/// <param name="Mean">Of the outcomes.</param>
/// <param name="Lower">Of the mean's interval: Wilson for a share, normal for a mean.</param>
/// <param name="Difference">From the champion; null for the champion itself, as all that follows but <paramref name="Best"/>.</param>
/// <param name="PValue">Of a z-test that is looked at once.</param>
/// <param name="AlwaysValidP">Of a sequential test that may be looked at any time.</param>
/// <param name="Best">Probability of being the best arm (Bayesian).</param>
public sealed record ArmReport(
    string Variant, int Version, long Subjects, double Count, double? Mean, double? Lower, double? Upper, double? Difference = null, double? DifferenceLower = null, double? DifferenceUpper = null,
    double? PValue = null, double? AlwaysValidP = null, double? Best = null);

internal static class ExperimentReports
{
    /// <summary>Null for a rollout that is no experiment.</summary>
    public static ExperimentReport? Of(RolloutRecord rollout, RolloutEvidence evidence, string verdict)
    {
        if (rollout.Kind is not (RolloutKind.Ab or RolloutKind.Bandit)) return null;
        var test = new Experiment(rollout, evidence);
        var bandit = rollout.Kind == RolloutKind.Bandit;
        var arms = bandit ? BanditPolicy.Arms(rollout, evidence) : test.Arms;
        var best = test.Best();
        return new ExperimentReport(rollout.Terms.Metric ?? "right", bandit ? null : test.Planned, bandit ? null : test.Mismatch,
            [.. arms.Select((a, i) => Report(a, bandit ? null : test.Readings.FirstOrDefault(r => r.Arm == a), best?[i], rollout.Terms.Confidence))], verdict);
    }

    private static ArmReport Report(Arm arm, Reading? reading, double? best, double confidence)
    {
        if (arm.Count <= 0) return new ArmReport(arm.Variant.Name, arm.Variant.Version, arm.Subjects, 0, null, null, null, Best: best);
        var half = NormalQuantile.TwoSided(confidence) * Math.Sqrt(arm.Variance / arm.Count);
        var (lower, upper) = arm.Share && Proportions.Wilson(arm.Sum, arm.Count, confidence) is { } wilson ? (wilson.Lower, wilson.Upper) : (arm.Mean - half, arm.Mean + half);
        return new ArmReport(arm.Variant.Name, arm.Variant.Version, arm.Subjects, arm.Count, arm.Mean, Known(lower), Known(upper), Known(reading?.Difference), Known(reading?.Lower), Known(reading?.Upper),
            Known(reading?.P), Known(reading?.AlwaysValidP), best);
    }

    private static double? Known(double? value) => value is { } v && double.IsFinite(v) ? v : null;
}
