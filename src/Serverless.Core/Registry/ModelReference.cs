namespace Serverless.Registry;

/// <summary>
/// What the version learned from, kept beside it to compare later data with: a sample of the rows of its window with labels and, on the holdout, its own predictions
/// (<c>reference.parquet</c>), and the window's profile (<c>reference.profile.json</c>). Never changed, but by an erasure.
/// </summary>
public sealed record ModelReference
{
    /// <summary>Object key of the rows.</summary>
    public required string Path { get; init; }

    /// <summary>Of the rows as they were registered, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    public required long Bytes { get; init; }

    public required string ProfilePath { get; init; }

    public required string ProfileSha256 { get; init; }
}

/// <summary>Object keys of a reference on its way into the registry.</summary>
public sealed record StagedReference(string RowsKey, string ProfileKey);
