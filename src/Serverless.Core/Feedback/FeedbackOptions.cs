namespace Serverless.Feedback;

/// <summary>How feedback is taken in and joined.</summary>
public sealed record FeedbackOptions
{
    /// <summary>Items of one request.</summary>
    public int MaxItems { get; init; } = 10_000;

    /// <summary>A file with so many lines is closed; a smaller one of the same hour grows.</summary>
    public int CloseAtLines { get; init; } = 2_000;

    /// <summary>Bytes that may wait for a store that does not take them.</summary>
    public int MaxWaiting { get; init; } = 64 * 1024 * 1024;

    /// <summary>How far ahead of ours another clock may be.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Feedback younger than this waits for the next join: its prediction may still be on its way to the log.</summary>
    public TimeSpan Settles { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Least time between two joins of a model.</summary>
    public TimeSpan JoinEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often outcomes are brought up to date for a rollout that is under way.</summary>
    public TimeSpan RolloutEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What found no prediction for so long is reported. It is kept all the same.</summary>
    public TimeSpan UnmatchedAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How often predictions are counted and judged without new feedback.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromHours(1);
}
