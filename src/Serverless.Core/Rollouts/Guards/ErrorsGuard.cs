using System.Globalization;
using Serverless.Gating;
using Serverless.Statistics;

namespace Serverless.Rollouts;

/// <summary>
/// The challenger fails: throws, has no finite answer, refuses rows, hangs. Broken when the share of failures is certainly (lower end of the 99 % Wilson interval) above <c>max</c> and above
/// the champion's, or at once when it hung.
/// </summary>
internal sealed class ErrorsGuard : IRolloutGuard
{
    private const double Confidence = 0.98, DefaultMax = 0.01;
    private const int DefaultAtLeast = 5;

    public string Name => "errors";

    public IReadOnlyList<GuardSetting> Settings { get; } = [new("max", GuardSettingKind.Number, 0, 1), new("atLeast", GuardSettingKind.Whole, 1)];

    public GuardVerdict Judge(GuardSettings settings, RolloutRecord rollout, RolloutEvidence evidence)
    {
        var max = settings.Number("max") ?? DefaultMax;
        var champion = evidence.StepOf(RolloutVariant.Champion);
        var allowed = Math.Max(max, champion.Calls == 0 ? 0 : (double)champion.Failures / champion.Calls);
        var worst = new GuardVerdict(Name, false, "no failures");
        foreach (var seen in GuardedVariants.Of(rollout).Select(v => (Since: evidence.StepOf(v), All: evidence.Of(v))))
        {
            if (seen.All.Hangs > 0) return new GuardVerdict(Name, true, $"{seen.All.Variant} did not answer in time and is not asked any more", 1);
            if (seen.Since.Calls == 0) continue;
            var share = (double)seen.Since.Failures / seen.Since.Calls;
            var lower = Proportions.Wilson(seen.Since.Failures, seen.Since.Calls, Confidence)!.Lower;
            var text = string.Create(CultureInfo.InvariantCulture, $"{seen.Since.Variant} failed {seen.Since.Failures} of {seen.Since.Calls} times ({share * 100:0.##} %; allowed {allowed * 100:0.##} %)");
            if (seen.Since.Calls >= settings.Whole("atLeast", DefaultAtLeast) && lower > allowed) return new GuardVerdict(Name, true, text, share);
            if (worst.Value is null || share > worst.Value) worst = new GuardVerdict(Name, false, text, share);
        }

        return worst;
    }
}

/// <summary>Variants that guards watch.</summary>
internal static class GuardedVariants
{
    // What a shadow answers in the dark is counted under the challenger's name.
    public static IEnumerable<string> Of(RolloutRecord rollout) => rollout.Variants.Where(v => v.Name != RolloutVariant.Champion)
        .Select(v => v.Name == RolloutVariant.Shadow ? RolloutVariant.Challenger : v.Name);

    /// <summary>As outcomes name it: the shadow's own predictions.</summary>
    public static IEnumerable<RolloutVariant> Challengers(RolloutRecord rollout) => rollout.Variants.Where(v => v.Name != RolloutVariant.Champion)
        .Select(v => v.Name == RolloutVariant.Shadow ? v with { Name = RolloutVariant.Challenger } : v);
}
