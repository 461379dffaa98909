namespace Serverless.Scoring;

/// <summary>How the prediction log trades loss, memory and the number of files. The defaults hold one second of loss at most.</summary>
public sealed record PredictionLogOptions
{
    /// <summary>Time between flushes. With the time a flush takes it stays below the second that a hard crash may lose.</summary>
    public TimeSpan FlushEvery { get; init; } = TimeSpan.FromMilliseconds(700);

    /// <summary>
    /// A file that has at least this many rows is closed; a smaller one of the same hour is written again, longer, by the next flush. So a quiet hour leaves
    /// one file instead of thousands, a busy one files of a second each, and a reader always sees whole files without duplicates.
    /// </summary>
    public int CloseAtRows { get; init; } = 20_000;

    /// <summary>Rows of one model that may wait for a store that does not take them; the rest is dropped and counted.</summary>
    public int MaxWaitingRows { get; init; } = 200_000;

    /// <summary>Characters of one model that may wait.</summary>
    public int MaxWaitingText { get; init; } = 64 * 1024 * 1024;

    /// <summary>As <see cref="CloseAtRows"/>, of durable models, which write far more often.</summary>
    public int DurableCloseAtRows { get; init; } = 4_000;

    /// <summary>How long the answers of a durable model wait for the store before they are refused.</summary>
    public TimeSpan DurableTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
