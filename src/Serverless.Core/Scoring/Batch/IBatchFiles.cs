using Serverless.Datasets;

namespace Serverless.Scoring;

/// <summary>Reads files of rows to score (DuckDB today), part after part, so that memory does not grow with the file.</summary>
public interface IBatchFiles
{
    /// <summary>
    /// The rows of a CSV, JSON Lines or Parquet file in their order. Every row is in exactly one part, and each part but the last has <paramref name="partRows"/> rows, so reading the same bytes again gives
    /// the same parts.
    /// </summary>
    /// <param name="path">The file on this machine.</param>
    /// <param name="fileName">Its name: the extension tells the format.</param>
    /// <param name="columns">What is wanted, typed. A row that lacks a required one, or has a value of another type, is rejected.</param>
    /// <exception cref="Problems.DataException">The file cannot be read, or lacks a required column altogether.</exception>
    IAsyncEnumerable<RowPart> ReadAsync(string path, string fileName, IReadOnlyList<RawColumn> columns, int partRows, CancellationToken cancel = default);

    /// <summary>Rows of a file that says so itself (Parquet); null where only reading it would tell.</summary>
    Task<long?> CountAsync(string path, string fileName, CancellationToken cancel = default);

    /// <summary>Copies the rows of Parquet files of one form into a file whose extension tells its format (<c>.parquet</c>, <c>.csv</c>, <c>.jsonl</c>), in the order of the files and of their rows.</summary>
    Task CopyAsync(IReadOnlyList<string> paths, string target, CancellationToken cancel = default);
}

/// <summary>Some rows of a file, one after the other.</summary>
/// <param name="Rows">All of them, also those that are rejected, whose bad cells are missing.</param>
/// <param name="Numbers">Of each row, from 1 in the file.</param>
/// <param name="Rejects">In the order of their numbers.</param>
public sealed record RowPart(Table Rows, long[] Numbers, IReadOnlyList<RejectedRow> Rejects);

/// <summary>A row that cannot be scored.</summary>
/// <param name="Number">From 1 in the file.</param>
/// <param name="Index">Its place among the rows of the part; null = it could not be cut into columns, and is none of them.</param>
/// <param name="Check">The first thing that is wrong, as quarantine has it: <c>type:distance</c>, <c>required:origin</c>, <c>finite:x</c>, <c>columns</c>, <c>json</c>.</param>
/// <param name="Cells">Its values as they are in the file, in the order of the columns; null where <paramref name="Line"/> shows them.</param>
/// <param name="Line">The line as it is in the file, where it could not be cut.</param>
public sealed record RejectedRow(long Number, int? Index, string Check, IReadOnlyList<string?>? Cells, string? Line);
