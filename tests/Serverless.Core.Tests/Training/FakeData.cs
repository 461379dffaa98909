using Serverless.Datasets;
using Serverless.Partitions;

namespace Serverless.Core.Tests.Training;

/// <summary>A dataset of daily partitions in memory, behind the interfaces that training reads through.</summary>
internal sealed class FakeData : IDatasetHistory, IPartitionReader
{
    private readonly List<(PartitionRecord Record, Table Table)> partitions = [];

    public int Reads { get; private set; }

    /// <summary>Keys of the partitions that were read, in the order of the reads.</summary>
    public List<string> ReadKeys { get; } = [];

    public void Add(string key, Table table, DateTimeOffset writtenAt, Severity? failed = null)
    {
        var id = $"p{partitions.Count + 1:D15}";
        var entry = new PartitionEntry { Id = id, Key = key, Path = PartitionKey.DataPath("flights", key, id, ".parquet"), Rows = table.Rows, Bytes = 1, Sha256 = "", Failed = failed };
        var commit = new Commit
        {
            Dataset = "flights", Version = partitions.Count + 1, Drop = id, File = key + ".csv", Bytes = 1, WrittenAt = writtenAt, By = "test", Run = "ingest-1",
            ContractVersion = "c", CodeVersion = "v", Quarantined = 0, Partitions = [entry],
        };
        partitions.Add((new PartitionRecord(entry, commit), table));
    }

    public Task<IReadOnlyList<Commit>> CommitsAsync(string dataset, CancellationToken cancel = default) =>
        Task.FromResult<IReadOnlyList<Commit>>([.. partitions.Select(p => p.Record.Commit)]);

    public Task<IReadOnlyList<PartitionRecord>> WrittenAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default) => PartitionsAsync(dataset, asOf, cancel);

    public Task<IReadOnlyList<PartitionRecord>> PartitionsAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default) =>
        Task.FromResult<IReadOnlyList<PartitionRecord>>([.. partitions.Select(p => p.Record).Where(p => asOf?.Time is not { } time || p.WrittenAt <= time).OrderBy(p => p.Key, StringComparer.Ordinal)]);

    public Task<Commit?> AppendAsync(string dataset, Func<IReadOnlyList<Commit>, int, Commit?> build, CancellationToken cancel = default) => throw new NotSupportedException("training only reads");

    public Task<PartitionSelection> SelectAsync(string dataset, PartitionQuery query, CancellationToken cancel = default) => throw new NotSupportedException("training selects by its window");

    public Task<Table> ReadAsync(string dataset, IReadOnlyList<PartitionRecord> selected, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel = default)
    {
        Reads++;
        ReadKeys.AddRange(selected.Select(s => s.Key));
        var tables = selected.Select(s => partitions.Single(p => p.Record.Id == s.Id).Table).ToArray();
        return Task.FromResult(Concat(tables, columns));
    }

    private static Table Concat(Table[] tables, IReadOnlyList<ColumnDefinition> columns) => new(tables.Sum(t => t.Rows), [.. columns.Select(c => Concat([.. tables.Select(t => t[c.Name])]))]);

    private static TableColumn Concat(TableColumn[] parts)
    {
        T[] All<T>(Func<TableColumn, T[]> values) => [.. parts.SelectMany(values)];
        var name = parts[0].Name;
        var missing = parts.Any(p => p.Missing is not null) ? All(p => p.Missing ?? new bool[p.Rows]) : null;
        return parts[0] switch
        {
            IntegerColumn => new IntegerColumn(name, All(p => ((IntegerColumn)p).Values), missing),
            NumberColumn => new NumberColumn(name, All(p => ((NumberColumn)p).Values), missing),
            BooleanColumn => new BooleanColumn(name, All(p => ((BooleanColumn)p).Values), missing),
            TimestampColumn => new TimestampColumn(name, All(p => ((TimestampColumn)p).Ticks), missing),
            StringColumn first => new StringColumn(name, All(p => ((StringColumn)p).Codes), first.Dictionary, missing),
            _ => throw new ArgumentOutOfRangeException(nameof(parts)),
        };
    }
}
