using Serverless.Runs;

namespace Serverless.Search;

/// <summary>Searches as people start and watch them.</summary>
public interface ISearches
{
    /// <summary>Starts a search; workers make its trials, or <see cref="DriveAsync"/>. Returns the run's id.</summary>
    /// <exception cref="Problems.RequestException">The model's file has no <c>search</c>.</exception>
    Task<string> StartAsync(SearchRequest request, CancellationToken cancel = default);

    /// <summary>The newest search of the model that has not ended; null when there is none.</summary>
    Task<string?> UnfinishedAsync(string model, CancellationToken cancel = default);

    /// <summary>How a search stands.</summary>
    /// <exception cref="Problems.RequestException">There is no such search.</exception>
    Task<SearchView> LookAsync(string run, CancellationToken cancel = default);

    /// <summary>
    /// Makes the trials of a search in this process, and the training of the best, until it has ended; others may help. Cancelling leaves all of it to be gone on with.
    /// </summary>
    /// <param name="workers">Trials at once, 1 at least; the model file's <c>parallel</c> at most has any use.</param>
    Task<RunRecord> DriveAsync(string run, int workers, IProgress<SearchView>? progress, CancellationToken cancel = default);
}

public sealed record SearchRequest
{
    public required string Model { get; init; }

    /// <summary>The data as they were stored then; null = now.</summary>
    public DateTimeOffset? AsOf { get; init; }

    public required string Reason { get; init; }

    public required string By { get; init; }

    /// <summary>Have the best trained, and go to the gate.</summary>
    public bool Train { get; init; } = true;
}

/// <param name="Trials">In the order of their numbers.</param>
/// <param name="Open">Runs that somebody has to work on before the search can end: its trials, then the training of the best.</param>
public sealed record SearchView(RunRecord Run, IReadOnlyList<TrialRun> Trials, IReadOnlyList<string> Open)
{
    /// <summary>What is made better; null until the search has begun.</summary>
    public string? Metric { get; init; }

    public bool MoreIsBetter { get; init; }

    /// <summary>How many trials there may be; null = as many as there is time for, or not begun.</summary>
    public int? Most { get; init; }

    public DateTimeOffset? Begun { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Once the trials have ended.</summary>
    public SearchReport? Report { get; init; }

    /// <summary>The best so far, of the highest rung that has any: figures of other rungs come from other rows.</summary>
    public TrialRun? Best { get; init; }
}
