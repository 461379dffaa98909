using System.Globalization;
using Serverless.Models;

namespace Serverless.Rollouts;

/// <summary>The champion answers everybody; the challenger answers the same rows in the dark, for a share of the subjects. Nobody is served by it, and it is never promoted by itself.</summary>
internal sealed class ShadowPolicy : IRolloutPolicy
{
    public RolloutKind Kind => RolloutKind.Shadow;

    public IReadOnlyList<RolloutVariant> Begin(RolloutDefinition terms, int champion, int challenger) =>
        [new(RolloutVariant.Shadow, challenger, terms.Share), new(RolloutVariant.Champion, champion, Math.Round(100 - terms.Share, 9))];

    public RolloutMove Next(RolloutRecord rollout, RolloutEvidence evidence)
    {
        var seen = evidence.Of(RolloutVariant.Challenger);
        var text = seen.Compared == 0 ? "nothing was compared yet" : string.Create(CultureInfo.InvariantCulture,
            $"{seen.Compared} rows compared: {100.0 * seen.Differing / seen.Compared:0.##} % with another prediction, scores {seen.Difference / seen.Compared:0.######} apart on average, {seen.Failures} failures, {seen.Dropped} left out");
        return rollout.Terms.For is { } length && evidence.Now - rollout.StartedAt >= length ? new RolloutMove.End($"its time is over: {text}") : new RolloutMove.Stay(text);
    }
}
