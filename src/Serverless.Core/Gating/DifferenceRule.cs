using Serverless.Models;
using Serverless.Statistics;
using static Serverless.Gating.GateText;

namespace Serverless.Gating;

/// <summary>When a difference from the champion is too much.</summary>
internal static class DifferenceRule
{
    /// <param name="interval">Of candidate minus champion. Where the decision needs one and there is none, the estimate decides, and the verdict says so.</param>
    public static (bool Passed, string Verdict) Judge(GateDecision decision, double tolerance, bool moreIsBetter, double candidate, double champion, Interval? interval)
    {
        var worse = moreIsBetter ? champion - candidate : candidate - champion;
        if (decision == GateDecision.Estimate || interval is null)
        {
            var without = decision == GateDecision.Estimate ? "" : " (no interval can be computed for these rows, so the estimate decides)";
            var (passed, text) = Estimate(decision, worse, tolerance);
            return (passed, text + (interval is null ? without : $" ({interval} of the difference)"));
        }

        // How much worse it may be, and how much at least, with the stated confidence.
        var (least, most) = moreIsBetter ? (-interval.Upper, -interval.Lower) : (interval.Lower, interval.Upper);
        var by = $"{(worse == 0 ? "equal" : worse < 0 ? $"better by {F(-worse)}" : $"worse by {F(worse)}")}, {interval} of the difference";
        return decision switch
        {
            GateDecision.ProvenWorse => least > tolerance
                ? (false, $"{by}: worse by more than the tolerance of {F(tolerance)}") : (true, $"{by}: not proven to be worse by more than the tolerance of {F(tolerance)}"),
            GateDecision.NonInferior => most <= tolerance
                ? (true, $"{by}: at most worse by the tolerance of {F(tolerance)}") : (false, $"{by}: it may be worse by more than the tolerance of {F(tolerance)}"),
            _ => most < 0 ? (true, $"{by}: proven to be better") : (false, $"{by}: not proven to be better"),
        };
    }

    /// <summary>What was demanded, in words.</summary>
    public static string Describe(GateDecision decision, double tolerance) => decision switch
    {
        GateDecision.Estimate => $"worse by at most {F(tolerance)}",
        GateDecision.ProvenWorse => $"not proven to be worse by more than {F(tolerance)}",
        GateDecision.NonInferior => $"proven to be worse by at most {F(tolerance)}",
        _ => "proven to be better",
    };

    private static (bool, string) Estimate(GateDecision decision, double worse, double tolerance) =>
        decision == GateDecision.Better ? (worse < 0, worse < 0 ? $"better by {F(-worse)}" : worse == 0 ? "not better: equal" : $"not better: worse by {F(worse)}")
        : worse <= 0 ? (true, "not worse")
        : worse <= tolerance ? (true, $"worse by {F(worse)}, within the tolerance of {F(tolerance)}")
        : (false, $"worse by {F(worse)}, more than the tolerance of {F(tolerance)}");
}
