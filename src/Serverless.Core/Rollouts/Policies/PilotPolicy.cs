using Serverless.Models;

namespace Serverless.Rollouts;

/// <summary>Chosen subjects and groups have the challenger; everybody else the champion. A person decides how it ends, or it ends by its time.</summary>
internal sealed class PilotPolicy : IRolloutPolicy
{
    public RolloutKind Kind => RolloutKind.Pilot;

    public IReadOnlyList<RolloutVariant> Begin(RolloutDefinition terms, int champion, int challenger) =>
        [new(RolloutVariant.Challenger, challenger, 0), new(RolloutVariant.Champion, champion, 100)];

    public RolloutMove Next(RolloutRecord rollout, RolloutEvidence evidence) =>
        rollout.Terms.For is { } length && evidence.Now - rollout.StartedAt >= length ? new RolloutMove.End("its time is over") : new RolloutMove.Stay("until a person promotes or aborts it");

    public (IReadOnlyList<MemberAllocation> Users, IReadOnlyList<MemberAllocation> Groups) Members(RolloutRecord rollout) =>
        (rollout.Terms.Users.Count > 0 ? [new(RolloutVariant.Challenger, rollout.Terms.Users)] : [], rollout.Terms.Groups.Count > 0 ? [new(RolloutVariant.Challenger, rollout.Terms.Groups)] : []);
}
