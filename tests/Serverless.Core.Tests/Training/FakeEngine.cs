using System.Globalization;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Profiles;

namespace Serverless.Core.Tests.Training;

/// <summary>An engine for tests that writes a table as text, the same text for the same table.</summary>
internal sealed class FakeEngine : IDataEngine
{
    public Task<Table> ReadDetectedAsync(string path, string fileName, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task WriteAsync(string path, Table table, CancellationToken cancel = default) =>
        File.WriteAllLinesAsync(path, table.Columns.Select(c => $"{c.Name} {c.Type} {string.Join('|', Enumerable.Range(0, c.Rows).Select(i => Cell(c, i)))}"), cancel);

    public Task<PartitionedDrop> PartitionAsync(string path, string fileName, DatasetDefinition dataset, DateTimeOffset arrived, string folder,
        IProgress<double>? progress = null, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<Inspection> InspectAsync(IReadOnlyList<string> parquetPaths, DatasetDefinition dataset, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<long> RowsAsync(IReadOnlyList<string> parquetPaths, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<Profile> ProfileAsync(string path, string fileName, CancellationToken cancel = default) => throw new NotSupportedException();

    /// <summary>One file that <see cref="WriteAsync"/> wrote; columns of numbers and texts.</summary>
    public async Task<Table> ReadAsync(IReadOnlyList<string> parquetPaths, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel = default)
    {
        var lines = (await File.ReadAllLinesAsync(parquetPaths.Single(), cancel)).Select(l => l.Split(' ', 3)).ToDictionary(l => l[0], l => l[2].Split('|'));
        var rows = lines.First().Value.Length;
        return new Table(rows, [.. columns.Select(c => Read(c, lines[c.Name]))]);
    }

    public Task<Table> ReadFileAsync(string path, string fileName, IReadOnlyList<RawColumn> columns, CancellationToken cancel = default) => throw new NotSupportedException();

    private static TableColumn Read(ColumnDefinition column, string[] cells)
    {
        bool[] missing = [.. cells.Select(c => c.Length == 0)];
        return column.Type == ColumnType.Number ? new NumberColumn(column.Name, [.. cells.Select(c => c.Length == 0 ? double.NaN : double.Parse(c, CultureInfo.InvariantCulture))], missing)
            : column.Type == ColumnType.Integer ? new IntegerColumn(column.Name, [.. cells.Select(c => c.Length == 0 ? 0 : long.Parse(c, CultureInfo.InvariantCulture))], missing)
            : throw new NotSupportedException(column.Type.ToString());
    }

    private static string Cell(TableColumn column, int i) => column.IsMissing(i) ? "" : column switch
    {
        IntegerColumn c => c.Values[i].ToString(CultureInfo.InvariantCulture),
        NumberColumn c => c.Values[i].ToString("R", CultureInfo.InvariantCulture),
        BooleanColumn c => c.Values[i] ? "true" : "false",
        TimestampColumn c => c.Ticks[i].ToString(CultureInfo.InvariantCulture),
        StringColumn c => c[i] ?? "",
        _ => "",
    };
}
