using Serverless.Models;

namespace Serverless.Rollouts;

/// <summary>How a kind of rollout begins and goes on. One file each, one line in <see cref="RolloutServices"/>. Stateless: what it has to remember stands in the record.</summary>
public interface IRolloutPolicy
{
    RolloutKind Kind { get; }

    /// <summary>Who has which share at first.</summary>
    IReadOnlyList<RolloutVariant> Begin(RolloutDefinition terms, int champion, int challenger);

    /// <summary>Outcomes that it reads, by metric; empty when it needs none.</summary>
    IEnumerable<string?> Metrics(RolloutDefinition terms) => [];

    /// <summary>What follows now. Guards were asked before, and hold.</summary>
    RolloutMove Next(RolloutRecord rollout, RolloutEvidence evidence);

    /// <summary>Who takes part by name, for the flag.</summary>
    (IReadOnlyList<MemberAllocation> Users, IReadOnlyList<MemberAllocation> Groups) Members(RolloutRecord rollout) => ([], []);
}

/// <summary>What a look at a rollout leads to.</summary>
/// <param name="Reason">One sentence for the record and the audit.</param>
public abstract record RolloutMove(string Reason)
{
    /// <summary>Nothing changes.</summary>
    /// <param name="LeastP">Of a test that is looked at often: what has to be remembered of the looks.</param>
    public sealed record Stay(string Reason, IReadOnlyDictionary<string, double>? LeastP = null) : RolloutMove(Reason);

    public sealed record Share(IReadOnlyList<RolloutVariant> Variants, string Reason) : RolloutMove(Reason);

    public sealed record Promote(int Version, string Reason) : RolloutMove(Reason);

    public sealed record RollBack(string Reason) : RolloutMove(Reason);

    /// <summary>It stops where it is and asks for a person.</summary>
    public sealed record Pause(string Reason) : RolloutMove(Reason);

    public sealed record End(string Reason) : RolloutMove(Reason);
}
