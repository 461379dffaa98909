namespace Serverless.Feedback;

/// <summary>What a feedback run remembers.</summary>
public sealed record FeedbackState
{
    /// <summary>Whose feedback; <c>_unassigned</c>: what names a prediction but no model.</summary>
    public required string Model { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who or what asked: <c>cli:alice</c>, <c>schedule</c>, <c>feedback</c>.</summary>
    public required string By { get; init; }

    /// <summary>Items that were looked at, and of all that ever came those that found their prediction now.</summary>
    public int Events { get; init; }

    public int Joined { get; init; }

    /// <summary>Whether the champion was found to do worse than it promised; null when that could not be judged.</summary>
    public bool? Drifted { get; init; }

    public bool Asked { get; init; }
}
