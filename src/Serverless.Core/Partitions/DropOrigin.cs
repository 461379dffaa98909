namespace Serverless.Partitions;

/// <summary>Where a pulled drop comes from. Kept in the history; holds no secrets.</summary>
public sealed record DropOrigin
{
    /// <summary>Name of the source in the dataset's file.</summary>
    public required string Source { get; init; }

    public required string Kind { get; init; }

    /// <summary>The pull run.</summary>
    public required string Run { get; init; }

    /// <summary>Address, path or provider, with <c>***</c> for secrets.</summary>
    public string? Address { get; init; }

    public string? Period { get; init; }

    public string? ETag { get; init; }

    public string? LastModified { get; init; }

    /// <summary>Watermark before and after.</summary>
    public string? Since { get; init; }

    public string? Until { get; init; }

    public int? Pages { get; init; }

    public long? Rows { get; init; }

    /// <summary>For a join: what was joined.</summary>
    public IReadOnlyList<DropInput> Inputs { get; init; } = [];
}

/// <summary>One dataset that a join read.</summary>
/// <param name="Version">Version of the dataset that was read.</param>
/// <param name="Partitions">Ids of the partitions that were read, at most 1,000: all that were current in that version.</param>
/// <param name="Drops">File, SHA-256 and origin of the drops that they were cut from, at most 1,000.</param>
public sealed record DropInput(string Dataset, int Version, IReadOnlyList<string> Partitions, IReadOnlyList<InputDrop> Drops);

/// <param name="By">Who brought it: <c>pull:nightly</c>.</param>
public sealed record InputDrop(string File, string Sha256, string By, int Version);
