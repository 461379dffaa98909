using System.Globalization;
using Serverless.Gating;
using Serverless.Statistics;

namespace Serverless.Rollouts;

/// <summary>
/// The challenger is slow. Broken when a quantile of its time is certainly above <c>ratio</c> times the champion's and above it by <c>slack</c>: the lower end of the interval of its quantile
/// against the upper end of the champion's, by order statistics (H. A. David, H. N. Nagaraja, Order Statistics, 7.1), so that a few slow requests among few say nothing.
/// </summary>
internal sealed class LatencyGuard : IRolloutGuard
{
    private const double Confidence = 0.99, DefaultQuantile = 0.95, DefaultRatio = 2, DefaultSlack = 0.002;
    private const int DefaultAtLeast = 100;

    public string Name => "latency";

    public IReadOnlyList<GuardSetting> Settings { get; } =
    [
        new("quantile", GuardSettingKind.Number, 0.5, 0.999), new("ratio", GuardSettingKind.Number, 1), new("slack", GuardSettingKind.Latency), new("max", GuardSettingKind.Latency),
        new("atLeast", GuardSettingKind.Whole, 20),
    ];

    public GuardVerdict Judge(GuardSettings settings, RolloutRecord rollout, RolloutEvidence evidence)
    {
        var (quantile, ratio, atLeast) = (settings.Number("quantile") ?? DefaultQuantile, settings.Number("ratio") ?? DefaultRatio, settings.Whole("atLeast", DefaultAtLeast));
        var slack = (settings.Seconds("slack") ?? DefaultSlack) * 1e6;
        var champion = evidence.StepOf(RolloutVariant.Champion).Latency;
        var fast = champion.Total >= atLeast;
        var name = string.Create(CultureInfo.InvariantCulture, $"p{quantile * 100:0.#}");
        var seen = new GuardVerdict(Name, false, "not enough requests to compare");
        foreach (var variant in GuardedVariants.Of(rollout))
        {
            var slow = evidence.StepOf(variant).Latency;
            if (slow.Total < atLeast) continue;
            var (low, here, _) = Quantile(slow, quantile);
            if (settings.Seconds("max") is { } most && low > most * 1e6) return new GuardVerdict(Name, true, $"{name} of {variant} is {Time(here)}; allowed {Time(most * 1e6)}", here);
            if (!fast) continue;
            var (_, there, high) = Quantile(champion, quantile);
            var text = string.Create(CultureInfo.InvariantCulture, $"{name} of {variant} is {Time(here)}, of the champion {Time(there)}; allowed {ratio:0.##} times and {Time(slack)} more");
            if (low > high * ratio && low > high + slack) return new GuardVerdict(Name, true, text, here);
            seen = new GuardVerdict(Name, false, text, here);
        }

        return seen;
    }

    private static (double Low, double Value, double High) Quantile(SparseCounts counts, double quantile)
    {
        var n = counts.Total;
        var half = NormalQuantile.TwoSided(Confidence) * Math.Sqrt(n * quantile * (1 - quantile));
        double At(double rank) => Buckets.TimeAt(counts.BucketOf((long)Math.Clamp(Math.Ceiling(rank), 1, n)));
        return (At((n * quantile) - half), At(n * quantile), At((n * quantile) + half + 1));
    }

    private static string Time(double microseconds) => microseconds >= 1000
        ? string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1000:0.##} ms") : string.Create(CultureInfo.InvariantCulture, $"{microseconds:0.#} us");
}
