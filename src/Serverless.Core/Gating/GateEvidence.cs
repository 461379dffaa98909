namespace Serverless.Gating;

/// <summary>What the gate needs besides the metrics, computed from the holdout when the candidate was trained, and stored with the result.</summary>
public sealed record GateEvidence
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The gate's metric, candidate against champion.</summary>
    public MetricDifference? Champion { get; init; }

    /// <summary>The gate's metric, candidate against baseline.</summary>
    public MetricDifference? Baseline { get; init; }

    /// <summary>Why the gate's metric is not defined; null when it is.</summary>
    public string? Undefined { get; init; }

    /// <summary>What the guards found.</summary>
    public IReadOnlyList<GateFinding> Findings { get; init; } = [];
}
