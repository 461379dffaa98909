using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Storage;

namespace Serverless.Erasure;

/// <summary>Looks through everything that is kept of a dataset for rows that a condition names.</summary>
internal sealed class RowSearch(IObjectStore objects, IRowFilter filter, IEnumerable<IRowHolder> holders)
{
    // Files of one question are read together, so that a year of days is not a year of questions; not too many, so that memory stays bounded.
    private const int FilesAtOnce = 100;
    private const long BytesAtOnce = 200_000_000;

    public IReadOnlyList<IRowHolder> Holders { get; } = [.. holders];

    /// <summary>Partitions with such rows, as they are now, superseded ones included.</summary>
    public async Task<IReadOnlyList<(PartitionRecord Partition, FoundRows Found)>> PartitionsAsync(
        DatasetDefinition dataset, IReadOnlyList<Commit> commits, string condition, CancellationToken cancel)
    {
        var partitions = DatasetHistory.Written(commits, commits).Select(p => p.Now).DistinctBy(p => p.Id).ToList();
        var found = await FindAsync([.. partitions.Select(p => p.Entry.Path)], RowForm.Typed, dataset, condition, cancel);
        return [.. partitions.Where(p => found.TryGetValue(p.Entry.Path, out var f) && f.Matching.Count > 0).Select(p => (p, found[p.Entry.Path]))];
    }

    /// <summary>Files of a holder with such rows, by object key.</summary>
    public async Task<IReadOnlyDictionary<string, FoundRows>> ElsewhereAsync(IRowHolder holder, DatasetDefinition dataset, string condition, CancellationToken cancel)
    {
        var keys = new List<string>();
        await foreach (var key in holder.FilesAsync(dataset.Name, cancel)) keys.Add(key);
        return await FindAsync(keys, holder.Form, dataset, condition, cancel);
    }

    /// <summary>Drops in landing whose bytes came into the history by one of these drops, whatever their name.</summary>
    public async Task<IReadOnlyList<string>> DropsAsync(string dataset, IReadOnlyList<Commit> drops, CancellationToken cancel)
    {
        var wanted = drops.Select(d => d.Drop).ToHashSet(StringComparer.Ordinal);
        var sizes = drops.Select(d => d.Bytes).ToHashSet();
        var keys = new List<string>();
        await foreach (var found in objects.ListAsync($"{StoreNames.Containers.Landing}/{dataset}/", cancel: cancel))
        {
            if (!sizes.Contains(found.Size)) continue;
            using var file = await objects.MaterialiseAsync(found.Key, cancel);
            if (wanted.Contains(await PartitionStore.HashAsync(file.Path, cancel))) keys.Add(found.Key);
        }

        return keys;
    }

    /// <summary>What stands in the folder of drops that were rejected as a whole: nobody could read them, so nobody can search them.</summary>
    public async Task<IReadOnlyList<string>> RejectedAsync(string dataset, CancellationToken cancel)
    {
        var keys = new List<string>();
        await foreach (var found in objects.ListAsync($"{StoreNames.Containers.Quarantine}/{dataset}/_rejected/", cancel: cancel)) keys.Add(found.Key);
        return keys;
    }

    private async Task<IReadOnlyDictionary<string, FoundRows>> FindAsync(IReadOnlyList<string> keys, RowForm form, DatasetDefinition dataset, string condition, CancellationToken cancel)
    {
        var all = new Dictionary<string, FoundRows>(StringComparer.Ordinal);
        var files = new List<LocalObject>();
        async Task AskAsync()
        {
            try
            {
                var found = await filter.FindAsync([.. files.Select(f => f.Path)], form, dataset, condition, cancel);
                foreach (var (file, rows) in files.Zip(found)) all[file.Info.Key] = rows;
            }
            finally
            {
                files.ForEach(f => f.Dispose());
                files.Clear();
            }
        }

        foreach (var key in keys)
        {
            // Gone meanwhile: whoever removed it removed its rows.
            if (await objects.HeadAsync(key, cancel) is null) continue;
            files.Add(await objects.MaterialiseAsync(key, cancel));
            if (files.Count >= FilesAtOnce || files.Sum(f => f.Info.Size) >= BytesAtOnce) await AskAsync();
        }

        if (files.Count > 0) await AskAsync();
        return all;
    }
}
