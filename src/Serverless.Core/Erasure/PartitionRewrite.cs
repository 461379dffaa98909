using System.Security.Cryptography;
using System.Text;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Storage;

namespace Serverless.Erasure;

/// <summary>Writes a partition again without some of its rows, with the profile and the checks of those that are left, under an id of its own.</summary>
internal sealed class PartitionRewrite(IObjectStore objects, IRowFilter filter, IDataEngine engine)
{
    public async Task<Partitions.Erasure> WriteAsync(PartitionRecord partition, FoundRows found, DatasetDefinition dataset, string run, CancellationToken cancel)
    {
        var left = found.Rows - found.Matching.Count;
        if (left == 0) return new Partitions.Erasure(partition.Id, partition.Key, found.Rows, null);
        using var scratch = new Scratch();
        var path = Path.Combine(scratch.Folder, "rewritten.parquet");
        using (var file = await objects.MaterialiseAsync(partition.Entry.Path, cancel)) await filter.RemoveAsync(file.Path, path, RowForm.Typed, found.Matching, cancel);
        var rewritten = new PartitionFile { Key = partition.Key, Path = path, Rows = left, Inspection = await engine.InspectAsync([path], dataset, cancel) };

        // The same at every attempt of this run, and of no other partition.
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"erased\n{partition.Id}\n{run}")))[..16];
        var entry = await new PartitionStore(objects).PutAsync(rewritten, id, partition.Commit.Drop, dataset, cancel);
        return new Partitions.Erasure(partition.Id, partition.Key, found.Matching.Count,
            // What was said of a period as a whole is not unsaid by a part of it alone: the erasure judges the period again.
            partition.Entry.Together ? entry! with { Supersedes = partition.Entry.Supersedes, Together = true, Failed = partition.Entry.Failed } : entry! with { Supersedes = partition.Entry.Supersedes });
    }

    /// <summary>Removes everything that stands beside each other under a partition's id: rows, manifest, profile, checks and whatever else was derived from it.</summary>
    public async Task RemoveAsync(string dataset, string key, string id, CancellationToken cancel)
    {
        var keys = new List<string>();
        await foreach (var found in objects.ListAsync(PartitionKey.DataPath(dataset, key, id, "."), cancel: cancel)) keys.Add(found.Key);

        // The rows last: while they are there, a second attempt knows that it has something to do.
        foreach (var found in keys.OrderBy(k => k.EndsWith(".parquet", StringComparison.Ordinal))) await objects.DeleteAsync(found, cancel);
    }

    private sealed class Scratch : IDisposable
    {
        public string Folder { get; } = Directory.CreateTempSubdirectory("serverless-erase-").FullName;

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
