using System.Text.Json;
using Serverless.Checks;
using Serverless.Problems;
using Serverless.Profiles;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Partitions;

internal sealed class DatasetInspector(Workspace workspace, IDatasetHistory history, IObjectStore objects, IDataEngine engine, IDatasetProfiles profiles, ICheckCatalogue checks, TimeProvider time) : IDatasetInspector
{
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
        long quarantined = 0;
        foreach (var drop in partitions.GroupBy(p => p.Commit.Version)) quarantined += await QuarantinedAsync(drop.First().Commit, [.. drop], cancel);
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

    // All partitions of a drop: all its rows, those without a period among them. Some: those of their periods, which the manifests know.
    private async Task<long> QuarantinedAsync(Commit drop, IReadOnlyList<PartitionRecord> selected, CancellationToken cancel)
    {
        if (drop.Quarantined == 0 || selected.Count >= drop.Partitions.Count) return drop.Quarantined;
        long rows = 0;
        foreach (var partition in selected)
        {
            await using var stream = await objects.OpenReadAsync(Path.ChangeExtension(partition.Entry.Path, ".json"), cancel);
            if (stream is not null) rows += (await JsonSerializer.DeserializeAsync<PartitionManifest>(stream, ServerlessJson.Options, cancel))!.Quarantined;
        }

        return rows;
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
