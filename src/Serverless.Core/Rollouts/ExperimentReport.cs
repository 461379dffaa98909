namespace Serverless.Rollouts;

/// <summary>What the outcomes of an experiment say so far.</summary>
/// <param name="Metric">The metric that decides.</param>
/// <param name="Planned">Subjects with an outcome that each variant needs; null for a bandit.</param>
/// <param name="Mismatch">P-value of the planned shares, given how many subjects each variant has; null without subjects.</param>
/// <param name="Verdict">One sentence.</param>
public sealed record ExperimentReport(string Metric, long? Planned, double? Mismatch, IReadOnlyList<ArmReport> Arms, string Verdict);

/// <param name="Mean">Of the outcomes.</param>
/// <param name="Lower">Of the mean's interval.</param>
/// <param name="Difference">From the champion; null for the champion itself.</param>
/// <param name="PValue">Of a z-test that is looked at once.</param>
/// <param name="AlwaysValidP">Of a sequential test that may be looked at any time.</param>
/// <param name="Best">Probability of being the best arm (Bayesian).</param>
public sealed record ArmReport(
    string Variant, int Version, long Subjects, double Count, double? Mean, double? Lower, double? Upper, double? Difference, double? DifferenceLower, double? DifferenceUpper, double? PValue,
    double? AlwaysValidP, double? Best);

internal static class ExperimentReports
{
    public static ExperimentReport? Of(RolloutRecord rollout, RolloutEvidence evidence) => null;
}
