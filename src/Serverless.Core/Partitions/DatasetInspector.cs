using Serverless.Checks;
using Serverless.Erasure;
using Serverless.Problems;
using Serverless.Profiles;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Partitions;

internal sealed class DatasetInspector(Workspace workspace, IDatasetHistory history, IObjectStore objects, IDataEngine engine, IDatasetProfiles profiles, ICheckCatalogue checks, TimeProvider time) : IDatasetInspector
{
    // On this machine at the same time, and one question to the engine.
    private const int FilesAtOnce = 200;

    private readonly MergedChecks merged = new(checks, objects, engine, time);

    public async Task<DatasetCheck> CheckFileAsync(string dataset, string path, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        Exists(path);
        var scratch = Directory.CreateTempSubdirectory("serverless-check-").FullName;
        try
        {
            var cut = await engine.PartitionAsync(path, Path.GetFileName(path), definition, time.GetUtcNow(), scratch, null, cancel);
            if (cut.Rejected is { } reason) return new DatasetCheck { Status = CheckStatus.Rejected, Reason = reason, Rows = 0, Quarantined = 0 };
            return await merged.CheckAsync(definition, cut, cancel);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    public async Task<DatasetCheck> CheckAsync(string dataset, string? key = null, AsOf? asOf = null, CancellationToken cancel = default) =>
        await CheckAsync(dataset, await SelectAsync(dataset, key, asOf, cancel), cancel);

    public async Task<DatasetCheck> CheckAsync(string dataset, IReadOnlyList<PartitionRecord> partitions, CancellationToken cancel = default)
    {
        var quarantined = await QuarantinedAsync(workspace.Dataset(dataset).Name, partitions, cancel);
        return await merged.CheckAsync(workspace.Dataset(dataset), partitions, quarantined, cancel);
    }

    public async Task<Profile> ProfileFileAsync(string path, CancellationToken cancel = default)
    {
        Exists(path);
        return await engine.ProfileAsync(path, Path.GetFileName(path), cancel);
    }

    public async Task<Profile> ProfileAsync(string dataset, string? key = null, AsOf? asOf = null, CancellationToken cancel = default)
    {
        var partitions = await SelectAsync(dataset, key, asOf, cancel);
        return (await profiles.MergeAsync(dataset, partitions, cancel)).ToProfile();
    }

    /// <summary>
    /// Rows that are in quarantine now: what was erased or replayed since is not. All partitions of a drop: all its rows, those without a period among them. Some: those of their periods.
    /// </summary>
    private async Task<long> QuarantinedAsync(string dataset, IReadOnlyList<PartitionRecord> partitions, CancellationToken cancel)
    {
        var drops = partitions.Where(p => p.Commit.Quarantined > 0).GroupBy(p => p.Commit.Version).ToDictionary(d => d.Key, d => d.Select(p => p.Key).ToHashSet(StringComparer.Ordinal));
        if (drops.Count == 0) return 0;
        var (commits, keys) = (await history.CommitsAsync(dataset, cancel), new List<string>());
        await foreach (var found in QuarantinedRows.ListAsync(objects, dataset, cancel))
        {
            if (QuarantinedRows.DropOf(dataset, found.Key, commits) is not { } drop || !drops.TryGetValue(drop.Version, out var periods)) continue;
            if (periods.Count < drop.Partitions.Count && !periods.Contains(QuarantinedRows.PeriodOf(dataset, found.Key))) continue;
            keys.Add(found.Key);
        }

        var rows = 0L;
        foreach (var some in keys.Chunk(FilesAtOnce)) rows += await RowsAsync(some, cancel);
        return rows;
    }

    private async Task<long> RowsAsync(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var files = new List<LocalObject>(keys.Count);
        try
        {
            foreach (var key in keys) files.Add(await objects.MaterialiseAsync(key, cancel));
            return await engine.RowsAsync([.. files.Select(f => f.Path)], cancel);
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }

    private async Task<IReadOnlyList<PartitionRecord>> SelectAsync(string dataset, string? key, AsOf? asOf, CancellationToken cancel)
    {
        workspace.Dataset(dataset);
        var all = await history.PartitionsAsync(dataset, asOf, cancel);
        var selected = all.Where(p => key is null || p.Key.StartsWith(key, StringComparison.Ordinal)).ToList();
        return selected.Count > 0 ? selected : throw new DataException(all.Count == 0
            ? $"dataset '{dataset}' has no partitions yet: ingest a drop first (serverless-ml ingest {dataset} FILE)."
            : $"dataset '{dataset}' has no partition '{key}'; it has {all.Count} from {all[0].Key} to {all[^1].Key}.");
    }

    private static void Exists(string path)
    {
        if (!File.Exists(path)) throw new RequestException($"there is no file '{path}'.");
    }
}
