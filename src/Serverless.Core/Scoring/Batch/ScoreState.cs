namespace Serverless.Scoring;

/// <summary>What a score run remembers: which version is to score what, and what came of it.</summary>
public sealed record ScoreState
{
    public required string Model { get; init; }

    /// <summary>The version that scores; null = the champion when the run begins, which the first step writes here.</summary>
    public int? Version { get; init; }

    /// <summary>Object key of a file to score (CSV, JSON Lines, Parquet); null = partitions of the model's dataset.</summary>
    public string? Object { get; init; }

    /// <summary>ETag of the file when it was asked for; the first step writes it here. Other bytes under the same key are not scored.</summary>
    public string? ETag { get; init; }

    /// <summary>Partitions of periods that end after this; null = from the first.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Partitions of periods that begin before this; null = to the last.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only partitions that were written after this version of the dataset; null = all.</summary>
    public int? After { get; init; }

    /// <summary>Version of the dataset that is scored; null = the present one, which the first step writes here.</summary>
    public int? DatasetVersion { get; init; }

    /// <summary>Columns that say whose prediction it is: they are kept beside it, and it can be asked for by them.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>The model's inputs are kept beside each prediction.</summary>
    public bool Inputs { get; init; } = true;

    /// <summary>The predictions are put into the table that the API serves by key.</summary>
    public bool Precompute { get; init; }

    /// <summary>How long a precomputed prediction is served; null = until the next ones.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Rows of a part; null = as many as fit well into memory.</summary>
    public int? PartRows { get; init; }

    /// <summary>Who or what asked: a person, <c>drop</c>, <c>schedule</c>, <c>new-data</c>.</summary>
    public required string By { get; init; }

    /// <summary>What was to be known about the data behind the model when the run began.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>In how many parts the rows were cut; they are listed in <c>runs/&lt;run&gt;/parts.json</c>.</summary>
    public int Parts { get; init; }

    public ScoreReport? Report { get; init; }
}

/// <summary>What a score run made.</summary>
/// <param name="Path">
/// Object key of the predictions: columns row, the key, the model's inputs, version, prediction, score, a probability for each class, run. A run of several parts has a file for each below it, and the key ends
/// with <c>/</c>.
/// </param>
/// <param name="Rows">Rows that were scored.</param>
/// <param name="WithoutAnswer">Rows among them for which the model has no finite answer; their prediction is missing.</param>
public sealed record ScoreReport(string Model, int Version, string Path, long Rows, long WithoutAnswer)
{
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Object keys of the files with the predictions, in the order of the rows.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Rows that are not what the model takes. With those that were scored they are all rows there are.</summary>
    public long Rejected { get; init; }

    /// <summary>Object keys of the files with the rejected rows: <c>_row</c>, <c>_check</c>, <c>_reason</c>, the columns as text, <c>_line</c>.</summary>
    public IReadOnlyList<string> Rejects { get; init; } = [];

    /// <summary>Keys that are served; null = nothing was precomputed.</summary>
    public long? Keys { get; init; }
}
