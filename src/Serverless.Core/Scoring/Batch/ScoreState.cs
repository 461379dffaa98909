namespace Serverless.Scoring;

/// <summary>What a score run remembers: which version is to score what, and what came of it.</summary>
public sealed record ScoreState
{
    public required string Model { get; init; }

    /// <summary>The version that scores; null = the champion when the run begins, which the first step writes here.</summary>
    public int? Version { get; init; }

    /// <summary>Object key of a file to score (CSV, JSON Lines, Parquet); null = partitions of the model's dataset.</summary>
    public string? Object { get; init; }

    /// <summary>Partitions of periods that end after this; null = from the first.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Partitions of periods that begin before this; null = to the last.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Version of the dataset that is scored; null = the present one, which the first step writes here.</summary>
    public int? DatasetVersion { get; init; }

    /// <summary>Who or what asked.</summary>
    public required string By { get; init; }

    /// <summary>What was to be known about the data behind the model when the run began.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public ScoreReport? Report { get; init; }
}

/// <summary>What a score run made.</summary>
/// <param name="Path">Object key of the predictions: columns row, the model's inputs, version, prediction, score, and a probability for each class.</param>
/// <param name="WithoutAnswer">Rows for which the model has no finite answer; their prediction is missing.</param>
public sealed record ScoreReport(string Model, int Version, string Path, long Rows, long WithoutAnswer)
{
    /// <summary>What is to be known about the data behind the model, such as a partition that is missing.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
