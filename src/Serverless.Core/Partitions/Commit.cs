using System.Text.Json.Serialization;
using Serverless.Datasets;

namespace Serverless.Partitions;

/// <summary>
/// One entry of a dataset's history: everything that one drop wrote becomes visible at once, when <c>data/&lt;dataset&gt;/_history/&lt;version&gt;.json</c> is put
/// (if absent) into the store. Versions are 1, 2, 3, ... without gaps; whoever puts version n has read all before it, so a drop is committed exactly once.
/// </summary>
public sealed record Commit
{
    public int SchemaVersion { get; init; } = 1;

    public required string Dataset { get; init; }

    public required int Version { get; init; }

    /// <summary>SHA-256 of the drop's bytes, lower-case hex: the drop's identity.</summary>
    public required string Drop { get; init; }

    /// <summary>File name of the drop, without folder.</summary>
    public required string File { get; init; }

    public required long Bytes { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>Who or what: <c>cli:alice</c>, <c>landing</c>, <c>pull:nightly</c>.</summary>
    public required string By { get; init; }

    /// <summary>Where a pulled drop comes from; null for drops that people or programs put into landing.</summary>
    public DropOrigin? Origin { get; init; }

    /// <summary>The run that wrote it.</summary>
    public required string Run { get; init; }

    public required string ContractVersion { get; init; }

    public required string CodeVersion { get; init; }

    /// <summary>Rows that broke the contract and went to quarantine.</summary>
    public required long Quarantined { get; init; }

    public required IReadOnlyList<PartitionEntry> Partitions { get; init; }

    /// <summary>Partitions whose bytes were rewritten without somebody's rows: the only exception to immutability. They count for every reader, also one that reads as of a time before.</summary>
    public IReadOnlyList<Erasure> Erasures { get; init; } = [];

    /// <summary>What the checks say of periods that this commit left with other partitions than any of them was judged with. See <see cref="PeriodVerdict"/>.</summary>
    public IReadOnlyList<PeriodVerdict> Verdicts { get; init; } = [];

    /// <summary>Why rows were erased, as it was asked for; null for a drop.</summary>
    public string? Reason { get; init; }
}

/// <summary>A partition that lost rows.</summary>
/// <param name="Erased">Id of the partition whose bytes are gone.</param>
/// <param name="Rows">How many rows it lost.</param>
/// <param name="Replacement">What stands in its place; null when no row was left.</param>
public sealed record Erasure(string Erased, string Key, long Rows, PartitionEntry? Replacement);

/// <summary>One immutable Parquet file.</summary>
public sealed record PartitionEntry
{
    /// <summary>Content-addressed: derived from the drop's SHA-256, the contract version and the key.</summary>
    public required string Id { get; init; }

    /// <summary>The period: <c>2001-01-05</c>, <c>2001-01</c> or <c>2001-01-05T13</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Object key of the Parquet file.</summary>
    public required string Path { get; init; }

    public required long Rows { get; init; }

    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the Parquet file, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Severity of the worst check that this partition failed; null when all passed.</summary>
    public Severity? Failed { get; init; }

    /// <summary><see cref="Failed"/> speaks of the whole period, with the partitions of it that were stored before this one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Together { get; init; }

    /// <summary>Ids of earlier partitions of the same key that this one corrects.</summary>
    public IReadOnlyList<string> Supersedes { get; init; } = [];
}

/// <summary>A partition as the history lists it, with the commit that wrote it.</summary>
/// <param name="Commit">The commit of the drop that it came with.</param>
public sealed record PartitionRecord(PartitionEntry Entry, Commit Commit)
{
    public string Id => Entry.Id;

    public string Key => Entry.Key;

    /// <summary>The erasure that rewrote it; null for nearly all.</summary>
    public Commit? RewrittenBy { get; init; }

    /// <summary>What was said of the partitions of its period together, where that stands in the history; else its own <see cref="PartitionEntry.Failed"/> says it.</summary>
    public PeriodVerdict? Verdict { get; init; }

    /// <summary>The partition of its period whose check results are those of the whole period; null = its own are.</summary>
    public PartitionEntry? JudgedWith { get; init; }

    public DateTimeOffset WrittenAt => (RewrittenBy ?? Commit).WrittenAt;

    public string By => (RewrittenBy ?? Commit).By;
}

/// <summary>Reads and extends the history of datasets.</summary>
public interface IDatasetHistory
{
    /// <summary>Every commit, oldest first, also those whose partitions were superseded.</summary>
    Task<IReadOnlyList<Commit>> CommitsAsync(string dataset, CancellationToken cancel = default);

    /// <summary>The partitions that are current as of a time or a version (null = now), ordered by key then commit. Superseded ones are left out.</summary>
    Task<IReadOnlyList<PartitionRecord>> PartitionsAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default);

    /// <summary>As <see cref="PartitionsAsync"/>, with those that a later drop corrected.</summary>
    Task<IReadOnlyList<PartitionRecord>> WrittenAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default);

    /// <summary>
    /// Appends a commit made by <paramref name="build"/> from the history before it and the next version, retrying when another writer was first.
    /// <paramref name="build"/> returns null when nothing is to be committed (the drop is there already). Returns the commit, or null.
    /// </summary>
    Task<Commit?> AppendAsync(string dataset, Func<IReadOnlyList<Commit>, int, Commit?> build, CancellationToken cancel = default);
}

/// <summary>A point in a dataset's history: a time or a version.</summary>
public sealed record AsOf(DateTimeOffset? Time, int? Version)
{
    public static AsOf At(DateTimeOffset time) => new(time, null);

    public static AsOf AtVersion(int version) => new(null, version);
}
