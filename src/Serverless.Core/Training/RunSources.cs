namespace Serverless.Training;

/// <summary>The files that defined a run, stored as <c>runs/&lt;run&gt;/definition.json</c>.</summary>
public sealed record RunSources
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The model's file, one of <see cref="Sources"/>.</summary>
    public required string File { get; init; }

    /// <summary>Of the whole workspace.</summary>
    public required string Hash { get; init; }

    /// <summary>Text by path: the model's file, and those of datasets and feature views.</summary>
    public required IReadOnlyDictionary<string, string> Sources { get; init; }
}
