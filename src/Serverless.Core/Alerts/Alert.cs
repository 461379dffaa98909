using Serverless.Datasets;

namespace Serverless.Alerts;

/// <summary>
/// A condition that people should know of, from its first bad look on. One record for each group of signals: it fires, ends, and may fire again (episodes). Holds its
/// own outbox, so that a change and the messages it causes are stored in one replacement.
/// </summary>
public sealed record Alert
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Readable, and the same for the same group: <c>flights-check-3f2a91</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the rule that made it.</summary>
    public required string Rule { get; init; }

    public required AlertStatus Status { get; init; }

    /// <summary>Of the worst signal that fires, or fired last.</summary>
    public required Severity Severity { get; init; }

    /// <summary>Kind of its signals; null when the group has several.</summary>
    public SignalKind? Kind { get; init; }

    /// <summary>Dataset or model; null when the group has several.</summary>
    public string? Subject { get; init; }

    /// <summary>First bad look of the present episode, or of the last one.</summary>
    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>Last bad look.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    public DateTimeOffset? FiredAt { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>Bad looks of the present episode, or of the last one.</summary>
    public int Count { get; init; }

    /// <summary>How often it has fired.</summary>
    public int Episodes { get; init; }

    /// <summary>The signals that are or were bad.</summary>
    public IReadOnlyList<AlertMember> Members { get; init; } = [];

    public Acknowledgement? Acknowledged { get; init; }

    /// <summary>What is to be sent and what was, oldest first.</summary>
    public IReadOnlyList<Notification> Notifications { get; init; } = [];

    /// <summary>The incident that it opened or belongs to.</summary>
    public string? Incident { get; init; }

    /// <summary>Number of the last notification.</summary>
    public int Sequence { get; init; }

    /// <summary>When people were told last, and the episode that they were told of.</summary>
    public DateTimeOffset? NotifiedAt { get; init; }

    public int NotifiedEpisode { get; init; }

    /// <summary>The episode whose end was told, or had nobody to be told to.</summary>
    public int OverEpisode { get; init; }

    /// <summary>What the incident's timeline knows of: <c>fired:2</c>, <c>resolved:2</c>.</summary>
    public string? IncidentMark { get; init; }

    /// <summary>Identities of the last signals taken in, so that one handed over twice counts once.</summary>
    public IReadOnlyList<string> Seen { get; init; } = [];
}

public enum AlertStatus
{
    /// <summary>Bad, but not yet often or long enough.</summary>
    Pending,
    Firing,
    Resolved,
}

/// <summary>One signal of an alert.</summary>
public sealed record AlertMember
{
    public required SignalKind Kind { get; init; }

    public required string Subject { get; init; }

    public required string Name { get; init; }

    public bool Firing { get; init; }

    /// <summary>The last looks, newest first: <c>b</c> bad, <c>g</c> good.</summary>
    public string Looks { get; init; } = "";

    /// <summary>First bad look since it was last well.</summary>
    public DateTimeOffset? BadSince { get; init; }

    /// <summary>Of the last bad look.</summary>
    public required Severity Severity { get; init; }

    public DateTimeOffset LastBad { get; init; }

    public string? Period { get; init; }

    public double? Value { get; init; }

    public string? Expectation { get; init; }

    public required string Message { get; init; }

    public string? Run { get; init; }

    /// <summary>Bad looks since people were told of it last.</summary>
    public int Untold { get; init; }

    public DateTimeOffset? NotifiedAt { get; init; }

    public Severity? NotifiedSeverity { get; init; }
}

/// <summary>Somebody looks after it: no reminders until it is over or becomes worse.</summary>
public sealed record Acknowledgement(string By, DateTimeOffset At, string? Comment);

/// <summary>One message to one channel.</summary>
public sealed record Notification
{
    /// <summary>Sent with the message and the same at every attempt: a receiver that has seen it may drop the message.</summary>
    public required string Id { get; init; }

    public required NotificationKind Kind { get; init; }

    public required string Channel { get; init; }

    public required Severity Severity { get; init; }

    public required NotificationStatus Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public int Attempts { get; init; }

    /// <summary>Not tried again before.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>A process is sending it until then.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    /// <summary>What the last attempt came to.</summary>
    public string? Error { get; init; }
}

public enum NotificationKind { Firing, Reminder, Resolved, Test }

public enum NotificationStatus
{
    Waiting,
    Sent,

    /// <summary>Given up after the last attempt: <c>serverless-ml alerts retry ID</c> tries again.</summary>
    Failed,

    /// <summary>The alert was over before it could be sent; the message that says so tells of both.</summary>
    Superseded,
}

/// <summary>Reads alerts, and what a person may do with one.</summary>
public interface IAlerts
{
    /// <summary>Firing ones first, the worst first, then the latest.</summary>
    Task<IReadOnlyList<Alert>> ListAsync(CancellationToken cancel = default);

    /// <summary>By id, or by the beginning of one when only one begins like that. Null when there is none.</summary>
    Task<Alert?> FindAsync(string id, CancellationToken cancel = default);

    /// <summary>Throws <see cref="Problems.RequestException"/> when there is no such alert or it does not fire.</summary>
    Task<Alert> AcknowledgeAsync(string id, string by, string? comment, CancellationToken cancel = default);

    /// <summary>Sends what was given up once more.</summary>
    Task<Alert> RetryAsync(string id, CancellationToken cancel = default);
}

/// <summary>The work behind alerts: may be called by any number of processes at once, and repeated.</summary>
public interface IAlertWorker
{
    /// <summary>Takes in new signals, opens incidents, sends what is due. Faults of channels are kept with the alert, never thrown.</summary>
    Task TickAsync(CancellationToken cancel = default);

    /// <summary>The same within a short time, for a command that is about to end; never throws. What is not sent in time stays for the next tick of anybody.</summary>
    Task FinishAsync(CancellationToken cancel = default);

    /// <summary>Sends a message that says it is a test, now and once; returns its id. Throws <see cref="Problems.RequestException"/> for an unknown channel, <see cref="Problems.EnvironmentException"/> when it does not take the message.</summary>
    Task<string> TestAsync(string channel, CancellationToken cancel = default);
}
