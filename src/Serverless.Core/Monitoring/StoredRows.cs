using Serverless.Datasets;
using Serverless.Drift.Samples;
using Serverless.Partitions;

namespace Serverless.Monitoring;

/// <summary>Stored Parquet files as one side of a comparison, a few columns at a time.</summary>
/// <param name="paths">Files of this machine, held by the caller.</param>
/// <param name="columns">As they are wanted; a column that a file lacks is missing throughout it.</param>
/// <param name="all">Rows in the files.</param>
/// <param name="selected">Only these rows; null = all.</param>
internal sealed class StoredRows(string name, IDataEngine engine, IReadOnlyList<string> paths, IReadOnlyList<ColumnDefinition> columns, long all, int[]? selected) : IDriftSource
{
    public string Name => name;

    public long Rows => selected?.Length ?? all;

    public IReadOnlyList<DriftSourceColumn> Columns { get; } = [.. columns.Select(c => new DriftSourceColumn(c.Name, c.Type))];

    // The engine works on the thread pool, and comparisons are computations: waiting here blocks nobody else.
    public Table Read(IReadOnlyList<string> names, CancellationToken cancel)
    {
        var table = engine.ReadAsync(paths, [.. names.Select(n => columns.First(c => c.Name == n))], cancel).GetAwaiter().GetResult();
        return selected is null ? table : table.Take(selected);
    }
}
