using Serverless.Datasets;

namespace Serverless.Series.Anomalies;

/// <summary>What one rule says of one metric of one partition, with the bounds that it computed.</summary>
public sealed record AnomalyResult
{
    public required string Metric { get; init; }

    public required string Strategy { get; init; }

    /// <summary>Everything that the strategy went by, defaults included.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>Key of the partition.</summary>
    public required string Period { get; init; }

    public required string Partition { get; init; }

    public double? Value { get; init; }

    /// <summary>The least and the most that would have passed; null = no bound on that side.</summary>
    public double? Lower { get; init; }

    public double? Upper { get; init; }

    public required bool Anomalous { get; init; }

    /// <summary>Why it could not be judged: too little history, no value. Then it is not anomalous.</summary>
    public string? NotApplicable { get; init; }
}

/// <summary>The anomaly results of a partition as they were when its drop was committed, in <c>&lt;id&gt;.anomalies.json</c> beside it.</summary>
public sealed record PartitionAnomalies
{
    public int SchemaVersion { get; init; } = 1;

    public required string Id { get; init; }

    /// <summary>Version of the dataset whose history it was judged against.</summary>
    public required int Version { get; init; }

    public required IReadOnlyList<AnomalyResult> Results { get; init; }
}
