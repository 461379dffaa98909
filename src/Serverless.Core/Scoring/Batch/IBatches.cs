using Serverless.Runs;

namespace Serverless.Scoring;

/// <summary>Starts and lists score runs.</summary>
public interface IBatches
{
    /// <summary>Starts one; what the request leaves open is as the model's section <c>batch</c> says. Returns the run.</summary>
    Task<string> StartAsync(BatchRequest request, CancellationToken cancel = default);

    /// <summary>Stores a file with its run and starts that. Returns the run.</summary>
    /// <param name="fileName">A plain name; its extension tells the format.</param>
    Task<string> StartAsync(BatchRequest request, string fileName, Stream content, CancellationToken cancel = default);

    /// <summary>
    /// A file has arrived in the inbox, <c>landing/_score/&lt;model&gt;/&lt;file&gt;</c>. Whoever announces it and however often: for the same key and content there is one run. Returns it.
    /// </summary>
    /// <exception cref="Problems.RequestException">There is no such model or file.</exception>
    Task<string> AcceptAsync(string key, CancellationToken cancel = default);

    /// <summary>Puts a file into the inbox and accepts it.</summary>
    Task<string> PutAsync(string model, string fileName, Stream content, CancellationToken cancel = default);

    /// <summary>Score runs of a model, newest first.</summary>
    IAsyncEnumerable<Batch> ListAsync(string model, CancellationToken cancel = default);
}

/// <summary>What is to be scored.</summary>
public sealed record BatchRequest
{
    public required string Model { get; init; }

    /// <summary>Who or what asks.</summary>
    public required string By { get; init; }

    /// <summary>Null = the champion.</summary>
    public int? Version { get; init; }

    /// <summary>Object key of a file; null = partitions.</summary>
    public string? Object { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    /// <summary>Only partitions that were written after this version of the dataset.</summary>
    public int? After { get; init; }

    public IReadOnlyList<string>? Key { get; init; }

    public bool? Inputs { get; init; }

    public bool? Precompute { get; init; }
}

/// <summary>A score run.</summary>
public sealed record Batch(string Run, RunStatus Status, string? Reason, DateTimeOffset CreatedAt, ScoreState State);

/// <summary>Where files that are to be scored are put.</summary>
public static class ScoreInbox
{
    /// <summary>No dataset can have this name.</summary>
    public const string Folder = "_score";

    /// <summary>The model of a file in the inbox; null when the key is none of one.</summary>
    public static string? ModelOf(string key) => key.Split('/') is [Storage.StoreNames.Containers.Landing, Folder, { Length: > 0 } model, { Length: > 0 }] ? model : null;

    public static string Key(string model, string fileName) => $"{Storage.StoreNames.Containers.Landing}/{Folder}/{model}/{fileName}";
}
