using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Profiles;
using Serverless.Scoring;

namespace Serverless.Core.Tests.Scoring.Batch;

/// <summary>An engine without files: what is written is a number, under which the table is kept. Brought files hold a number of rows; row n has x = n and the key k(n mod 4), and every tenth has no x.</summary>
internal sealed class KeptTables : IDataEngine, IBatchFiles
{
    private readonly ConcurrentDictionary<string, Table> tables = new();
    private int next;

    /// <summary>The table whose number a file holds.</summary>
    public Table Of(string number) => tables[number];

    public async IAsyncEnumerable<RowPart> ReadAsync(string path, string fileName, IReadOnlyList<RawColumn> columns, int partRows, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var rows = int.Parse(await File.ReadAllTextAsync(path, cancel), CultureInfo.InvariantCulture);
        for (var from = 0; from < rows; from += partRows)
        {
            int[] numbers = [.. Enumerable.Range(from + 1, Math.Min(partRows, rows - from))];
            yield return new RowPart(new Table(numbers.Length,
            [
                new NumberColumn("x", [.. numbers.Select(n => (double)n)], [.. numbers.Select(n => n % 10 == 0)]), new StringColumn("k", [.. numbers.Select(n => n % 4)], ["k0", "k1", "k2", "k3"], null),
            ]), [.. numbers.Select(n => (long)n)], []);
        }
    }

    public Task<long?> CountAsync(string path, string fileName, CancellationToken cancel = default) => Task.FromResult((long?)null);

    public Task CopyAsync(IReadOnlyList<string> paths, string target, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task WriteAsync(string path, Table table, CancellationToken cancel = default)
    {
        var number = Interlocked.Increment(ref next).ToString(CultureInfo.InvariantCulture);
        tables[number] = table;
        return File.WriteAllTextAsync(path, number, cancel);
    }

    public async Task<Table> ReadAsync(IReadOnlyList<string> parquetPaths, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel = default)
    {
        var all = new List<Table>();
        foreach (var path in parquetPaths) all.Add(tables[await File.ReadAllTextAsync(path, cancel)]);
        return new Table(all.Sum(t => t.Rows), [.. columns.Select(c => Join(all, c.Name))]);
    }

    private static TableColumn Join(List<Table> tables, string name)
    {
        bool[] missing = [.. tables.SelectMany(t => Enumerable.Range(0, t.Rows).Select(t[name].IsMissing))];
        return tables[0][name] switch
        {
            IntegerColumn => new IntegerColumn(name, [.. tables.SelectMany(t => ((IntegerColumn)t[name]).Values)], missing),
            NumberColumn => new NumberColumn(name, [.. tables.SelectMany(t => ((NumberColumn)t[name]).Values)], missing),
            // All have the same dictionary.
            StringColumn first => new StringColumn(name, [.. tables.SelectMany(t => ((StringColumn)t[name]).Codes)], first.Dictionary, missing),
            var other => throw new NotSupportedException(other.GetType().Name),
        };
    }

    public Task<Table> ReadFileAsync(string path, string fileName, IReadOnlyList<RawColumn> columns, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<Table> ReadDetectedAsync(string path, string fileName, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<PartitionedDrop> PartitionAsync(string path, string fileName, DatasetDefinition dataset, DateTimeOffset arrived, string folder, IProgress<double>? progress = null, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<Inspection> InspectAsync(IReadOnlyList<string> parquetPaths, DatasetDefinition dataset, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<long> RowsAsync(IReadOnlyList<string> parquetPaths, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<Profile> ProfileAsync(string path, string fileName, CancellationToken cancel = default) => throw new NotSupportedException();
}
