using Serverless.Datasets;

namespace Serverless.Erasure;

/// <summary>Finds rows by an SQL condition in stored files, and writes files without them. The condition reads columns of the dataset and can touch nothing else.</summary>
public interface IRowFilter
{
    /// <summary>Names of the dataset's columns that a condition reads.</summary>
    /// <exception cref="Problems.RequestException">It is no condition over the dataset's columns; the message says why.</exception>
    Task<IReadOnlyList<string>> ColumnsAsync(DatasetDefinition dataset, string condition, CancellationToken cancel = default);

    /// <summary>For each file the rows for which the condition holds.</summary>
    Task<IReadOnlyList<FoundRows>> FindAsync(IReadOnlyList<string> paths, RowForm form, DatasetDefinition dataset, string condition, CancellationToken cancel = default);

    /// <summary>Writes the file without rows (or, for predictions, with them blanked). The same input gives the same bytes.</summary>
    /// <param name="rows">Numbers of rows from 0, as <see cref="FindAsync"/> gave them.</param>
    Task RemoveAsync(string path, string to, RowForm form, IReadOnlyList<long> rows, CancellationToken cancel = default);
}

/// <param name="Rows">Rows in the file.</param>
/// <param name="Matching">Numbers of the rows for which the condition holds, from 0, ascending.</param>
/// <param name="Unreadable">Numbers of rows that are no rows, so that nobody can tell: broken lines in quarantine.</param>
public sealed record FoundRows(long Rows, IReadOnlyList<long> Matching, IReadOnlyList<long> Unreadable);
