using System.Globalization;
using Serverless.Models;

namespace Serverless.Rollouts;

/// <summary>
/// A few percent of the subjects first, more at each step while the guards hold, and champion once everybody has it. A subject that has the challenger keeps it, since shares only grow.
/// </summary>
internal sealed class CanaryPolicy : IRolloutPolicy
{
    public RolloutKind Kind => RolloutKind.Canary;

    public IReadOnlyList<RolloutVariant> Begin(RolloutDefinition terms, int champion, int challenger) => Shares(champion, challenger, terms.Start);

    public RolloutMove Next(RolloutRecord rollout, RolloutEvidence evidence)
    {
        var (terms, share) = (rollout.Terms, rollout.Percent(RolloutVariant.Challenger));
        var seen = evidence.StepOf(RolloutVariant.Challenger).Calls;
        if (evidence.Now - rollout.StepAt < terms.Every) return new RolloutMove.Stay($"{Percent(share)} until {(rollout.StepAt + terms.Every).UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        if (share > 0 && seen < terms.AtLeast)
        {
            return new RolloutMove.Stay(string.Create(CultureInfo.InvariantCulture, $"{Percent(share)} until the challenger was asked {terms.AtLeast} times at this share; so far {seen}"));
        }

        if (share >= 100) return new RolloutMove.Promote(rollout.Challenger, "everybody had it and the guards held");
        var next = Math.Min(100, share + terms.Step);
        return new RolloutMove.Share(Shares(rollout.Champion, rollout.Challenger, next), $"the guards held at {Percent(share)} ({seen.ToString(CultureInfo.InvariantCulture)} requests): now {Percent(next)}");
    }

    private static IReadOnlyList<RolloutVariant> Shares(int champion, int challenger, double percent) =>
        [new(RolloutVariant.Challenger, challenger, percent), new(RolloutVariant.Champion, champion, Math.Round(100 - percent, 9))];

    internal static string Percent(double share) => share.ToString("0.###", CultureInfo.InvariantCulture) + " %";
}
