namespace Serverless.Partitions;

/// <summary>Where a partition comes from, in <c>&lt;id&gt;.json</c> beside it. Says nothing of the run, so that every writer of the same partition writes the same.</summary>
public sealed record PartitionManifest
{
    public int SchemaVersion { get; init; } = 1;

    public required string Id { get; init; }

    public required string Dataset { get; init; }

    public required string Key { get; init; }

    public required long Rows { get; init; }

    /// <summary>Bytes of the Parquet file.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the Parquet file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>SHA-256 of the drop it was cut from.</summary>
    public required string Drop { get; init; }

    public required string ContractVersion { get; init; }

    public required string CodeVersion { get; init; }

    /// <summary>Names of the columns, in their order.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Rows of the same drop and period that went to quarantine.</summary>
    public required long Quarantined { get; init; }
}

/// <summary>The results of a partition's checks, in <c>&lt;id&gt;.checks.json</c> beside it.</summary>
public sealed record PartitionChecks
{
    public const int Newest = 1;

    public int SchemaVersion { get; init; } = Newest;

    public required string Id { get; init; }

    public required IReadOnlyList<Checks.CheckResult> Checks { get; init; }

    /// <summary>How often the rows of the drop were read for its checks, all partitions together.</summary>
    public int Scans { get; init; }

    /// <summary>What the results follow from, so that partitions add up without their rows.</summary>
    public IReadOnlyList<Checks.StoredState> States { get; init; } = [];
}
