namespace Serverless.Performance;

/// <summary>What is known of the predictions of one day (UTC), by who answered.</summary>
public sealed record RealisedDay
{
    public int SchemaVersion { get; init; } = 1;

    public required string Model { get; init; }

    public required DateOnly Day { get; init; }

    public required IReadOnlyList<RealisedGroup> Groups { get; init; }
}

/// <summary>Predictions of one version in one part (champion, challenger, shadow, ...).</summary>
public sealed record RealisedGroup
{
    public required int Version { get; init; }

    /// <summary>The variant of its rollout, else the role.</summary>
    public required string Variant { get; init; }

    /// <summary>Predictions about which anything was said.</summary>
    public required int Predictions { get; init; }

    /// <summary>Of them, those whose outcome is known.</summary>
    public required int Labelled { get; init; }

    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Metrics that are not defined for these rows, with the reason; null when all are.</summary>
    public IReadOnlyDictionary<string, string>? Undefined { get; init; }

    /// <summary>Predictions that somebody saw, of those about which that was said.</summary>
    public int Seen { get; init; }

    public int NotSeen { get; init; }

    public int Used { get; init; }

    /// <summary>Used among seen; null while nobody saw one.</summary>
    public double? Acceptance { get; init; }

    /// <summary>By opinion.</summary>
    public IReadOnlyDictionary<string, int>? Opinions { get; init; }

    /// <summary>Labels that contradicted an earlier one of the same prediction.</summary>
    public int Corrections { get; init; }

    /// <summary>Labels whose time lies before that of their prediction: somebody's clock is wrong.</summary>
    public int BeforePrediction { get; init; }
}
