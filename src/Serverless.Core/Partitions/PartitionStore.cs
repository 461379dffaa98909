using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Storage;

namespace Serverless.Partitions;

/// <summary>Puts the files of a cut drop into the store, each only if it is not there: doing it twice, or by eight workers at once, is doing it once.</summary>
internal sealed class PartitionStore(IObjectStore objects)
{
    private const int AtOnce = 64;

    public async Task<IReadOnlyList<PartitionEntry>> PutAsync(PartitionedDrop drop, string sha256, DatasetDefinition dataset, CancellationToken cancel)
    {
        var entries = new List<PartitionEntry>();
        // Some at a time, so that the descriptions of a year's hours are not in memory together.
        foreach (var some in drop.Partitions.Chunk(AtOnce))
        {
            entries.AddRange(await PutAsync([.. some.Select(file => (file, PartitionKey.Id(sha256, dataset.ContractVersion, file.Key)))], sha256, dataset, cancel));
        }

        return entries;
    }

    /// <summary>One partition under an id that the caller knows to be its own. Null when it has no good rows.</summary>
    public async Task<PartitionEntry?> PutAsync(PartitionFile file, string id, string drop, DatasetDefinition dataset, CancellationToken cancel) =>
        (await PutAsync([(file, id)], drop, dataset, cancel)).SingleOrDefault();

    private async Task<List<PartitionEntry>> PutAsync((PartitionFile File, string Id)[] files, string drop, DatasetDefinition dataset, CancellationToken cancel)
    {
        await objects.PutAllIfAbsentAsync([.. files.Where(f => f.File.QuarantinePath is not null)
            .Select(f => NewObject.File(PartitionKey.QuarantinePath(dataset.Name, f.File.Key, f.Id), f.File.QuarantinePath!))], cancel);
        var good = files.Where(f => f.File is { Path: not null, Inspection: not null }).ToArray();
        string Key((PartitionFile File, string Id) f, string extension) => PartitionKey.DataPath(dataset.Name, f.File.Key, f.Id, extension);
        var put = await objects.PutAllIfAbsentAsync([.. good.SelectMany(f => new[]
        {
            NewObject.File(Key(f, ".parquet"), f.File.Path!),
            new NewObject(Key(f, ".profile.json"), () => Json(f.File.Inspection!.Profile)),
            new NewObject(Key(f, ".checks.json"), () => Json(new PartitionChecks
            {
                Id = f.Id, Checks = f.File.Inspection!.Checks, Scans = f.File.Inspection.Scans, States = f.File.Inspection.Stored,
            })),
        })], cancel);

        var entries = new List<PartitionEntry>();
        for (var i = 0; i < good.Length; i++)
        {
            var (file, id) = good[i];
            var path = Key(good[i], ".parquet");
            var (sha256, bytes) = await DescribeAsync(path, file.Path!, put[i * 3], cancel);
            entries.Add(new PartitionEntry { Id = id, Key = file.Key, Path = path, Rows = file.Rows, Bytes = bytes, Sha256 = sha256, Failed = WorstFailure(file.Inspection!.Checks), Together = file.Together });
        }

        await objects.PutAllIfAbsentAsync([.. good.Select((f, i) => new NewObject(Key(f, ".json"), () => Json(new PartitionManifest
        {
            Id = f.Id, Dataset = dataset.Name, Key = f.File.Key, Rows = f.File.Rows, Bytes = entries[i].Bytes, Sha256 = entries[i].Sha256, Drop = drop,
            ContractVersion = dataset.ContractVersion, CodeVersion = CodeVersion.Current, Columns = [.. dataset.Columns.Select(c => c.Name)], Quarantined = f.File.Quarantined,
        })))], cancel);
        return entries;
    }

    // What is in the store counts: when another writer was first, its file is described, not ours.
    private async Task<(string Sha256, long Bytes)> DescribeAsync(string key, string path, ObjectInfo? put, CancellationToken cancel)
    {
        if (put is not null) return (await HashAsync(path, cancel), put.Size);
        using var stored = await objects.MaterialiseAsync(key, cancel);
        return (await HashAsync(stored.Path, cancel), stored.Info.Size);
    }

    private static MemoryStream Json<T>(T value) => new(JsonSerializer.SerializeToUtf8Bytes(value, ServerlessJson.Options));

    /// <summary>SHA-256 of a file, lower-case hex, without holding it in memory.</summary>
    public static async Task<string> HashAsync(string path, CancellationToken cancel)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 17, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
    }

    /// <summary>Severity of the worst check that did not pass; null when all did.</summary>
    internal static Severity? WorstFailure(IEnumerable<CheckResult> checks)
    {
        var failed = checks.Where(c => c.Outcome is Outcome.Failed or Outcome.Errored).Select(c => c.Severity).ToList();
        return failed.Count == 0 ? null : failed.Max();
    }
}
