using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Storage;

namespace Serverless.Partitions;

/// <summary>Puts the files of a cut drop into the store, each only if it is not there: doing it twice, or by eight workers at once, is doing it once.</summary>
internal sealed class PartitionStore(IObjectStore objects)
{
    private const int AtOnce = 8;

    public async Task<IReadOnlyList<PartitionEntry>> PutAsync(PartitionedDrop drop, string sha256, DatasetDefinition dataset, CancellationToken cancel)
    {
        var entries = new PartitionEntry?[drop.Partitions.Count];
        await Parallel.ForAsync(0, entries.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            async (i, stop) => entries[i] = await PutAsync(drop.Partitions[i], sha256, dataset, stop));
        return [.. entries.OfType<PartitionEntry>()];
    }

    private Task<PartitionEntry?> PutAsync(PartitionFile file, string drop, DatasetDefinition dataset, CancellationToken cancel) =>
        PutAsync(file, PartitionKey.Id(drop, dataset.ContractVersion, file.Key), drop, dataset, cancel);

    /// <summary>One partition under an id that the caller knows to be its own. Null when it has no good rows.</summary>
    public async Task<PartitionEntry?> PutAsync(PartitionFile file, string id, string drop, DatasetDefinition dataset, CancellationToken cancel)
    {
        if (file.QuarantinePath is { } bad) await PutFileAsync(PartitionKey.QuarantinePath(dataset.Name, file.Key, id), bad, cancel);
        if (file.Path is not { } good || file.Inspection is not { } inspection) return null;

        var path = PartitionKey.DataPath(dataset.Name, file.Key, id, ".parquet");
        var (sha256, bytes) = await PutFileAsync(path, good, cancel);
        await PutJsonAsync(PartitionKey.DataPath(dataset.Name, file.Key, id, ".profile.json"), inspection.Profile, cancel);
        await PutJsonAsync(PartitionKey.DataPath(dataset.Name, file.Key, id, ".checks.json"), new PartitionChecks { Id = id, Checks = inspection.Checks, Scans = inspection.Scans, States = inspection.Stored }, cancel);
        await PutJsonAsync(PartitionKey.DataPath(dataset.Name, file.Key, id, ".json"), new PartitionManifest
        {
            Id = id, Dataset = dataset.Name, Key = file.Key, Rows = file.Rows, Bytes = bytes, Sha256 = sha256, Drop = drop, ContractVersion = dataset.ContractVersion,
            CodeVersion = CodeVersion.Current, Columns = [.. dataset.Columns.Select(c => c.Name)], Quarantined = file.Quarantined,
        }, cancel);
        return new PartitionEntry { Id = id, Key = file.Key, Path = path, Rows = file.Rows, Bytes = bytes, Sha256 = sha256, Failed = WorstFailure(inspection.Checks) };
    }

    // What is in the store counts: when another writer was first, its file is described, not ours.
    private async Task<(string Sha256, long Bytes)> PutFileAsync(string key, string path, CancellationToken cancel)
    {
        await using (var file = File.OpenRead(path))
        {
            if (await objects.PutIfAbsentAsync(key, file, cancel) is { } put) return (await HashAsync(path, cancel), put.Size);
        }

        using var stored = await objects.MaterialiseAsync(key, cancel);
        return (await HashAsync(stored.Path, cancel), stored.Info.Size);
    }

    private async Task PutJsonAsync<T>(string key, T value, CancellationToken cancel)
    {
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(value, ServerlessJson.Options));
        await objects.PutIfAbsentAsync(key, content, cancel);
    }

    /// <summary>SHA-256 of a file, lower-case hex, without holding it in memory.</summary>
    public static async Task<string> HashAsync(string path, CancellationToken cancel)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 17, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
    }

    private static Severity? WorstFailure(IEnumerable<CheckResult> checks)
    {
        var failed = checks.Where(c => c.Outcome is Outcome.Failed or Outcome.Errored).Select(c => c.Severity).ToList();
        return failed.Count == 0 ? null : failed.Max();
    }
}
