using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Profiles;

namespace Serverless.Partitions;

/// <summary>
/// What reads drops and Parquet (DuckDB today). Works on files of this machine; storing what it made is the caller's work.
/// Streams: memory does not grow with the size of a drop.
/// </summary>
public interface IDataEngine
{
    /// <summary>
    /// Reads one drop as contracted, and writes into <paramref name="folder"/> a Parquet file for each partition and, where rows broke the contract, one quarantine
    /// file for each partition. A drop that is not the contract at all gives a result with <see cref="PartitionedDrop.Rejected"/> and no files.
    /// </summary>
    /// <param name="path">The drop on this machine.</param>
    /// <param name="fileName">Its name in landing: the extension tells the format (.csv .tsv .jsonl .ndjson .json .parquet, each also with .gz).</param>
    /// <param name="arrived">Decides the partition of datasets that are partitioned by arrival.</param>
    Task<PartitionedDrop> PartitionAsync(string path, string fileName, DatasetDefinition dataset, DateTimeOffset arrived, string folder,
        IProgress<double>? progress = null, CancellationToken cancel = default);

    /// <summary>Checks and profile of the given Parquet files taken together, in one pass.</summary>
    Task<Inspection> InspectAsync(IReadOnlyList<string> parquetPaths, DatasetDefinition dataset, CancellationToken cancel = default);

    /// <summary>Rows of Parquet files, all together, by what the files say of themselves: no row is read.</summary>
    Task<long> RowsAsync(IReadOnlyList<string> parquetPaths, CancellationToken cancel = default);

    /// <summary>Profile of any file that the engine reads, without a contract: types are detected.</summary>
    Task<Profile> ProfileAsync(string path, string fileName, CancellationToken cancel = default);

    /// <summary>Reads columns of Parquet files into memory, rows in the order of the files. A column that a file does not have is missing throughout it.</summary>
    Task<Table> ReadAsync(IReadOnlyList<string> parquetPaths, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel = default);

    /// <summary>Reads a CSV, JSON Lines or Parquet file for scoring: the named columns, typed; columns that the file lacks are missing throughout.</summary>
    Task<Table> ReadFileAsync(string path, string fileName, IReadOnlyList<RawColumn> columns, CancellationToken cancel = default);

    /// <summary>Reads any file that the engine reads into memory, without a contract: types are detected from all its rows.</summary>
    Task<Table> ReadDetectedAsync(string path, string fileName, CancellationToken cancel = default);

    /// <summary>Writes a table as zstd Parquet.</summary>
    Task WriteAsync(string path, Table table, CancellationToken cancel = default);
}

/// <summary>A drop cut into partitions, as files of this machine.</summary>
public sealed record PartitionedDrop
{
    /// <summary>Why nothing of the drop can be stored: line, column and what was expected; null when it was read.</summary>
    public string? Rejected { get; init; }

    /// <summary>One for each period that has rows, good or bad, ordered by key.</summary>
    public IReadOnlyList<PartitionFile> Partitions { get; init; } = [];

    public long Rows { get; init; }

    public long Quarantined { get; init; }

    /// <summary>Columns of the drop that the contract does not have: nothing of them is stored. At most 100.</summary>
    public IReadOnlyList<string> NotStored { get; init; } = [];

    /// <summary>Contracted columns that the drop does not have (a renamed one is such): empty in every row. At most 100.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];
}

public sealed record PartitionFile
{
    /// <summary><c>2001-01-05</c>, <c>2001-01</c> or <c>2001-01-05T13</c>; <c>unknown</c> where the partition column itself was bad (quarantine only).</summary>
    public required string Key { get; init; }

    /// <summary>Parquet file with the good rows; null when there are none.</summary>
    public string? Path { get; init; }

    public long Rows { get; init; }

    /// <summary>Checks and profile of the good rows; null when there are none.</summary>
    public Inspection? Inspection { get; init; }

    /// <summary>The results of the checks are those of the whole period, with what was stored of it before; the states are this file's own.</summary>
    public bool Together { get; init; }

    /// <summary>Parquet file with the bad rows: the contracted columns as text, <c>_check</c> and <c>_row</c>; null when there are none.</summary>
    public string? QuarantinePath { get; init; }

    public long Quarantined { get; init; }
}

/// <summary>What one pass over rows found.</summary>
public sealed record Inspection(IReadOnlyList<CheckResult> Checks, Profile Profile)
{
    /// <summary>How often rows were read for the checks: once for all that can share, and once for each grouping or query of its own. All periods of a drop share them.</summary>
    public int Scans { get; init; }

    /// <summary>What the results follow from, in the order of the plan's aggregates; null for what could not be computed.</summary>
    public IReadOnlyList<AggregateState?> States { get; init; } = [];

    /// <summary>Why a state could not be computed, under its index.</summary>
    public IReadOnlyDictionary<int, string> Errors { get; init; } = new Dictionary<int, string>();

    /// <summary>The states as they are stored beside the partition.</summary>
    public IReadOnlyList<StoredState> Stored { get; init; } = [];
}
