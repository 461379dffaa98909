namespace Serverless.Registry;

/// <summary>How a person is asked about a version, and what was decided.</summary>
public sealed record ApprovalState
{
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>Who or what asked for the training.</summary>
    public string? AskedBy { get; init; }

    /// <summary>From then on the version can be approved no more; null = no end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Seconds between reminders; null = none.</summary>
    public long? RemindSeconds { get; init; }

    /// <summary>Whoever asked for the training may not approve.</summary>
    public bool SecondPerson { get; init; }

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public string? Comment { get; init; }

    internal static ApprovalState? Of(ModelCandidate candidate, DateTimeOffset at) => !candidate.NeedsApproval ? null : new ApprovalState
    {
        AskedAt = at, AskedBy = candidate.AskedBy, ExpiresAt = candidate.ApprovalTerms.Expires is { } after ? at + after : null,
        RemindSeconds = (long?)candidate.ApprovalTerms.Remind?.TotalSeconds, SecondPerson = candidate.ApprovalTerms.SecondPerson,
    };
}
