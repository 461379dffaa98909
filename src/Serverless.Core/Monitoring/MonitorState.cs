namespace Serverless.Monitoring;

/// <summary>What a monitor run remembers.</summary>
public sealed record MonitorState
{
    public required string Model { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who or what asked: <c>cli:alice</c>, <c>schedule</c>, <c>new-data</c>.</summary>
    public required string By { get; init; }

    /// <summary>Without data newer than the training window: compare the holdout with the rows trained on. Else the run ends.</summary>
    public bool HoldoutToo { get; init; }

    /// <summary>The champion when the run began; the first step writes it here, with all that follows from it.</summary>
    public int? Version { get; init; }

    public int? DatasetVersion { get; init; }

    public MonitorBasis? Basis { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    /// <summary>What came of it; the whole report is an object.</summary>
    public DriftEntry? Entry { get; init; }
}
