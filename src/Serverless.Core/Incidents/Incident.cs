using Serverless.Datasets;

namespace Serverless.Incidents;

/// <summary>Something that went wrong and that people deal with: what it did, why it happened, what is done about it. Its timeline only grows.</summary>
public sealed record Incident
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary><c>inc-yyyyMMddHHmmss-xxxxxx</c>: the order of ids is the order of time.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required Severity Severity { get; init; }

    public required IncidentStatus Status { get; init; }

    /// <summary>When it began, as far as is known.</summary>
    public required DateTimeOffset BeganAt { get; init; }

    /// <summary>When it was noticed.</summary>
    public required DateTimeOffset DetectedAt { get; init; }

    /// <summary>When the trouble ended; null while it lasts.</summary>
    public DateTimeOffset? OverAt { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>A person, or <c>alert:ID</c>.</summary>
    public required string OpenedBy { get; init; }

    public string? ClosedBy { get; init; }

    public IncidentCategory? Category { get; init; }

    public string? Impact { get; init; }

    public string? Cause { get; init; }

    public IReadOnlyList<IncidentAction> Actions { get; init; } = [];

    /// <summary>Ids of alerts.</summary>
    public IReadOnlyList<string> Alerts { get; init; } = [];

    /// <summary>Datasets and models.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    public IReadOnlyList<string> Runs { get; init; } = [];

    /// <summary>Keys of the partitions or windows concerned.</summary>
    public IReadOnlyList<string> Periods { get; init; } = [];

    public required DateTimeOffset UpdatedAt { get; init; }
}

public enum IncidentStatus { Open, Closed }

/// <summary>Where the cause lay: the statistics by category show where to invest.</summary>
public enum IncidentCategory { Data, Code, Model, Configuration, Infrastructure, Upstream, People }

public sealed record IncidentAction
{
    public required string Text { get; init; }

    public ActionKind? Kind { get; init; }

    public string? Owner { get; init; }

    public DateOnly? Due { get; init; }

    public DateTimeOffset? DoneAt { get; init; }
}

/// <summary>What an action is for: that it cannot happen again, is noticed sooner, or does less harm.</summary>
public enum ActionKind { Prevent, Detect, Mitigate }

/// <summary>One line of the timeline.</summary>
/// <param name="By">A person, or <c>alert:ID</c>.</param>
public sealed record TimelineEntry(DateTimeOffset At, string By, string Text)
{
    public int SchemaVersion { get; init; } = 1;
}
