using Serverless.Runs;
using Serverless.Training;

namespace Serverless.Tracking;

/// <summary>Runs as people look at them: with notes, tags, files and figures.</summary>
public interface ITrackedRuns
{
    /// <summary>Newest first, or by a metric.</summary>
    /// <exception cref="Problems.RequestException"><see cref="RunQuery.After"/> is no run of this list.</exception>
    Task<IReadOnlyList<TrackedRun>> ListAsync(RunQuery query, CancellationToken cancel = default);

    /// <exception cref="Problems.RequestException">There is no such run.</exception>
    Task<TrackedRun> GetAsync(string run, CancellationToken cancel = default);

    /// <summary>What a train run found; null for other runs, and for one that ended before it had trained.</summary>
    Task<TrainingResult?> TrainingAsync(string run, CancellationToken cancel = default);

    Task<RunNotes> NoteAsync(string run, string text, string by, CancellationToken cancel = default);

    /// <summary>Sets and takes away tags: all of them, or none where one cannot be a tag.</summary>
    /// <param name="tags">Null as the value takes the tag away.</param>
    Task<RunNotes> TagAsync(string run, IReadOnlyDictionary<string, string?> tags, CancellationToken cancel = default);

    /// <summary>Files below <c>runs/&lt;run&gt;/</c>.</summary>
    Task<IReadOnlyList<RunArtifact>> ArtifactsAsync(string run, CancellationToken cancel = default);

    Task<RunComparison> CompareAsync(string left, string right, CancellationToken cancel = default);
}

/// <summary>A run with what was written about it.</summary>
public sealed record TrackedRun(RunRecord Run, RunNotes Notes)
{
    /// <summary>Metrics of the candidate, where the run trained one.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();
}

/// <param name="Name">Below the run's folder.</param>
public sealed record RunArtifact(string Name, long Bytes, DateTimeOffset WrittenAt);

public sealed record RunQuery
{
    public string? Kind { get; init; }

    /// <summary>Model or dataset.</summary>
    public string? Subject { get; init; }

    public RunStatus? Status { get; init; }

    /// <summary>Name of a state in the table of the run's kind.</summary>
    public string? State { get; init; }

    /// <summary>Only runs that began then or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only runs behind this one in the list: the last of the page before.</summary>
    public string? After { get; init; }

    /// <summary>All of them: <c>key</c> or <c>key=value</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>A metric's name: the best first, by the metric's own direction; runs without it are left out.</summary>
    public string? Sort { get; init; }

    public int Limit { get; init; } = 50;
}
