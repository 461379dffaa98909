using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Partitions;

internal sealed class PartitionReader(IDatasetHistory history, IObjectStore objects, IDataEngine engine) : IPartitionReader
{
    private const int AtOnce = 8;

    public async Task<PartitionSelection> SelectAsync(string dataset, PartitionQuery query, CancellationToken cancel = default)
    {
        var current = (await history.PartitionsAsync(dataset, query.AsOf, cancel)).Where(p => Overlaps(p.Key, query.From, query.To)).ToList();
        bool Stops(PartitionRecord p) => query.StopAt is { } severity && p.Entry.Failed is { } failed && failed >= severity;
        return new PartitionSelection([.. current.Where(p => !Stops(p))], [.. current.Where(Stops)]);
    }

    public async Task<Table> ReadAsync(
        string dataset, IReadOnlyList<PartitionRecord> partitions, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel = default)
    {
        if (partitions.Count == 0) throw new DataException($"dataset '{dataset}' has no partitions to read: ingest a drop first (serverless-ml ingest {dataset} FILE).");
        var files = new LocalObject[partitions.Count];
        try
        {
            await Parallel.ForAsync(0, files.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
                async (i, stop) => files[i] = await objects.MaterialiseAsync(partitions[i].Entry.Path, stop));
            return await engine.ReadAsync([.. files.Select(f => f.Path)], columns, cancel);
        }
        finally
        {
            foreach (var file in files) file?.Dispose();
        }
    }

    private static bool Overlaps(string key, DateTimeOffset? from, DateTimeOffset? to) =>
        PartitionKey.Period(key) is { } period && (from is null || period.End > from) && (to is null || period.Start < to);
}
