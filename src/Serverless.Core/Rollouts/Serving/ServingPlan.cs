namespace Serverless.Rollouts;

/// <summary>A rollout, ready to choose a variant for each request. Immutable; a changed flag is a new plan, exchanged in one assignment.</summary>
public sealed class ServingPlan
{
    private readonly AllocationPlan allocation;
    private readonly AllocationPlan? slice;
    private readonly int inside;
    private readonly ServedVariant[] variants;
    private readonly ServedVariant outside;

    internal ServingPlan(string rollout, int revision, int champion, AllocationPlan allocation, AllocationPlan? slice, IReadOnlyList<ServedVariant> variants, ServedVariant outside)
    {
        (Rollout, Revision, Champion, this.allocation, this.slice, this.outside) = (rollout, revision, champion, allocation, slice, outside);
        this.variants = [.. variants];
        LooksUp = variants.Any(v => v.Model is { LooksUp: true });
        if (slice is not null) inside = slice.Variants.ToList().FindIndex(v => v.Name == RolloutFlags.Inside);
    }

    public string Rollout { get; }

    public int Revision { get; }

    /// <summary>Version against which it runs: with another champion the plan does not hold.</summary>
    public int Champion { get; }

    public IReadOnlyList<ServedVariant> Variants => variants;

    /// <summary>Requests are asked for the groups of their subject.</summary>
    public bool UsesGroups => allocation.UsesGroups;

    /// <summary>A variant looks values up.</summary>
    public bool LooksUp { get; }

    /// <summary>Who answers. Allocates nothing.</summary>
    /// <param name="subject">Null = the request has none: it is chosen for by itself.</param>
    /// <param name="groups">Of the subject; null = none.</param>
    /// <param name="request">Id of the request's first prediction.</param>
    public Choice Choose(string? subject, IReadOnlyList<string>? groups, string request)
    {
        var who = subject ?? request;
        if (slice is not null)
        {
            var part = slice.Assign(who);
            if (part.Variant != inside) return new Choice(outside, AssignmentReason.Outside, part.Hash);
        }

        var assigned = allocation.Assign(who, groups);
        var reason = subject is null && assigned.Reason == AssignmentReason.Percentile ? AssignmentReason.NoSubject : assigned.Reason;
        return new Choice(variants[assigned.Variant], reason, assigned.Hash);
    }

    /// <summary>What the record of a prediction says.</summary>
    public RouteNote Note(in Choice choice) => new(Rollout, choice.Variant.Name, choice.Reason.Word(), choice.Hash);
}

/// <summary>The variant of a request, and why.</summary>
public readonly record struct Choice(ServedVariant Variant, AssignmentReason Reason, ulong Hash)
{
    /// <summary>The subject has the variant, but it did not answer.</summary>
    public Choice Because(AssignmentReason reason) => this with { Reason = reason };
}
