using System.Globalization;
using Serverless.Gating;
using Serverless.Statistics;

namespace Serverless.Rollouts;

/// <summary>
/// What came true of the challenger's predictions is worse than of the champion's: the share of right predictions, or any metric of feedback or business. Broken when the difference is certainly
/// (99 % always-valid interval, since it is looked at all the time) worse than the tolerance.
/// </summary>
internal sealed class FeedbackGuard : IRolloutGuard
{
    private const double Confidence = 0.99, MixtureShare = 0.1;
    private const int DefaultAtLeast = 100;

    public string Name => "feedback";

    public IReadOnlyList<GuardSetting> Settings { get; } =
    [
        new("metric", GuardSettingKind.Word), new("better", GuardSettingKind.Word, Options: ["more", "less"]), new("tolerance", GuardSettingKind.Number, 0), new("atLeast", GuardSettingKind.Whole, 20),
    ];

    public IEnumerable<string?> Metrics(GuardSettings settings) => [settings.Text("metric")];

    public GuardVerdict Judge(GuardSettings settings, RolloutRecord rollout, RolloutEvidence evidence)
    {
        var (metric, sign, tolerance) = (settings.Text("metric"), settings.Text("better") == "less" ? -1 : 1, settings.Number("tolerance") ?? 0);
        var rows = evidence.OutcomesOf(metric);
        var champion = Sum(rows, RolloutVariant.Champion);
        // While a shadow looks on, the champion's own predictions are recorded under the shadow's name.
        if (champion.Count == 0) champion = Sum(rows, RolloutVariant.Shadow);
        var seen = new GuardVerdict(Name, false, "not enough outcomes to compare");
        foreach (var variant in GuardedVariants.Of(rollout))
        {
            var mine = Sum(rows, variant);
            if (mine.Count < settings.Whole("atLeast", DefaultAtLeast) || champion.Count < settings.Whole("atLeast", DefaultAtLeast)) continue;
            var (difference, variance) = (mine.Mean - champion.Mean, (mine.Variance / mine.Count) + (champion.Variance / champion.Count));
            if (!(variance > 0)) continue;
            var tau = MixtureShare * Math.Sqrt((mine.Variance + champion.Variance) / 2);
            var half = AlwaysValid.HalfWidth(variance, tau, Confidence);
            var text = string.Create(CultureInfo.InvariantCulture, $"{metric ?? "share of right predictions"} of {variant} {mine.Mean:0.####} ({mine.Count:0} subjects), of the champion {champion.Mean:0.####} ({champion.Count:0}): difference {difference:0.####} +- {half:0.####}; allowed {tolerance:0.####} worse");
            if ((sign * difference) + half < -tolerance) return new GuardVerdict(Name, true, text, difference);
            seen = new GuardVerdict(Name, false, text, difference);
        }

        return seen;
    }

    private static Arm Sum(IReadOnlyList<OutcomeRow> rows, string variant)
    {
        var mine = rows.Where(r => r.Variant == variant).ToList();
        return new Arm(new RolloutVariant(variant, 0, 0), mine.Sum(r => r.Subjects), mine.Sum(r => r.Count), mine.Sum(r => r.Sum), mine.Sum(r => r.SumOfSquares));
    }
}
