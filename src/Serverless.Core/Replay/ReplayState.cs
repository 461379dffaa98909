using Serverless.Partitions;

namespace Serverless.Replay;

/// <summary>What a replay remembers.</summary>
public sealed record ReplayState
{
    public required string Dataset { get; init; }

    public required string By { get; init; }

    /// <summary>Run that ingests the rows that fit; null when none does.</summary>
    public string? Ingest { get; init; }

    public ReplayReport? Report { get; init; }
}

/// <summary>What became of a dataset's quarantine.</summary>
public sealed record ReplayReport
{
    public required string Dataset { get; init; }

    public string? Run { get; init; }

    /// <summary>Rows that were looked at.</summary>
    public required long Quarantined { get; init; }

    /// <summary>Rows that are part of the dataset now.</summary>
    public required long Stored { get; init; }

    /// <summary>Rows that still do not fit.</summary>
    public required long Left { get; init; }

    public IReadOnlyList<StoredPartition> Partitions { get; init; } = [];

    /// <summary>Version of the dataset that holds them.</summary>
    public int? Version { get; init; }
}
