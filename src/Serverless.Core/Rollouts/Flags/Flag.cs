using System.Collections.ObjectModel;

namespace Serverless.Rollouts;

/// <summary>A variant flag as Microsoft.FeatureManagement and App Configuration know it (Microsoft feature flag schema 2.0), as far as rollouts use it.</summary>
public sealed record Flag
{
    public required string Id { get; init; }

    public string? Description { get; init; }

    /// <summary>False: everybody has <see cref="DefaultWhenDisabled"/>. An operator's way to switch a rollout off at once.</summary>
    public bool Enabled { get; init; } = true;

    public required IReadOnlyList<FlagVariant> Variants { get; init; }

    public string? DefaultWhenEnabled { get; init; }

    public string? DefaultWhenDisabled { get; init; }

    public IReadOnlyList<MemberAllocation> Users { get; init; } = [];

    public IReadOnlyList<MemberAllocation> Groups { get; init; } = [];

    public IReadOnlyList<PercentileRange> Percentiles { get; init; } = [];

    /// <summary>What the hash of a subject is salted with; null = <c>allocation\n&lt;id&gt;</c>.</summary>
    public string? Seed { get; init; }

    /// <summary>Kept with the flag, under <c>telemetry</c>: which rollout wrote it, and which of its revisions.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    public string Salt => Seed ?? $"allocation\n{Id}";
}

/// <param name="Version">Version that answers; null = whatever is champion.</param>
/// <param name="Shadow">Version that answers the same rows in the dark; null = none.</param>
public sealed record FlagVariant(string Name, int? Version = null, int? Shadow = null);

/// <param name="Members">Subjects, or groups.</param>
public sealed record MemberAllocation(string Variant, IReadOnlyList<string> Members);

/// <summary>Percent of subjects by hash: [From, To); at 100 the end belongs to it.</summary>
public sealed record PercentileRange(string Variant, double From, double To);
