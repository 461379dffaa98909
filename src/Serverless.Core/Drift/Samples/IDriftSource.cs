using Serverless.Datasets;

namespace Serverless.Drift.Samples;

/// <summary>One side of a comparison: rows that can be had a few columns at a time. Safe to read from several threads.</summary>
public interface IDriftSource
{
    /// <summary>For messages: a file's name, <c>the reference</c>.</summary>
    string Name { get; }

    long Rows { get; }

    IReadOnlyList<DriftSourceColumn> Columns { get; }

    /// <summary>These columns in memory, rows in the order of the source.</summary>
    Table Read(IReadOnlyList<string> columns, CancellationToken cancel);

    /// <summary>These columns ready for comparison. A source that keeps them sorted need not sort them again.</summary>
    IReadOnlyList<ColumnSample> Samples(IReadOnlyList<string> columns, CancellationToken cancel) => [.. Read(columns, cancel).Columns.Select(SampleBuilder.Of)];
}

public sealed record DriftSourceColumn(string Name, ColumnType Type);

/// <summary>A table of memory as one side of a comparison.</summary>
public sealed class TableSource(Table table, string name) : IDriftSource
{
    public string Name { get; } = name;

    public long Rows => table.Rows;

    public IReadOnlyList<DriftSourceColumn> Columns { get; } = [.. table.Columns.Select(c => new DriftSourceColumn(c.Name, c.Type))];

    public Table Read(IReadOnlyList<string> columns, CancellationToken cancel) => new(table.Rows, [.. columns.Select(c => table[c])]);
}
