using System.Globalization;
using Serverless.Gating;

namespace Serverless.Rollouts;

/// <summary>
/// The challenger predicts otherwise than the champion does for the same kind of subjects. Broken when the Kolmogorov-Smirnov distance of their scores is certainly (by its asymptotic
/// 99.9 % bound) above <c>max</c>. The distance is of scores in buckets, so it is never too large.
/// </summary>
internal sealed class DriftGuard : IRolloutGuard
{
    private const double DefaultMax = 0.2, Critical999 = 1.9495;
    private const int DefaultAtLeast = 100;

    public string Name => "drift";

    public IReadOnlyList<GuardSetting> Settings { get; } = [new("max", GuardSettingKind.Number, 0, 1), new("atLeast", GuardSettingKind.Whole, 20)];

    public GuardVerdict Judge(GuardSettings settings, RolloutRecord rollout, RolloutEvidence evidence)
    {
        var (max, atLeast) = (settings.Number("max") ?? DefaultMax, settings.Whole("atLeast", DefaultAtLeast));
        var champion = evidence.Of(RolloutVariant.Champion).Scores;
        var seen = new GuardVerdict(Name, false, "not enough predictions to compare");
        foreach (var variant in GuardedVariants.Of(rollout))
        {
            var scores = evidence.Of(variant).Scores;
            double n = champion.Total, m = scores.Total;
            if (n < atLeast || m < atLeast) continue;
            var (distance, doubt) = (Distance(champion, scores), Critical999 * Math.Sqrt((n + m) / (n * m)));
            var text = string.Create(CultureInfo.InvariantCulture, $"scores of {variant} differ from the champion's by {distance:0.###} +- {doubt:0.###} (Kolmogorov-Smirnov); allowed {max:0.###}");
            if (distance - doubt > max) return new GuardVerdict(Name, true, text, distance);
            seen = new GuardVerdict(Name, false, text, distance);
        }

        return seen;
    }

    internal static double Distance(SparseCounts a, SparseCounts b)
    {
        double n = a.Total, m = b.Total, left = 0, right = 0, most = 0;
        foreach (var bucket in a.Counts.Keys.Union(b.Counts.Keys).Order())
        {
            left += a.Counts.GetValueOrDefault(bucket) / n;
            right += b.Counts.GetValueOrDefault(bucket) / m;
            most = Math.Max(most, Math.Abs(left - right));
        }

        return most;
    }
}
