using System.Security.Cryptography;
using System.Text;
using Serverless.Storage;

namespace Serverless.Azure;

/// <summary>
/// Downloaded blobs of this process, by key and ETag. Holds at most <see cref="Limit"/> bytes besides those in use: the longest unused go first. The folder goes with the process.
/// </summary>
internal sealed class BlobCache(AzureStore store, IdSource ids) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly Lazy<ScratchFolder> folder = new(() => ScratchFolder.Create(Path.Combine(Path.GetTempPath(), "serverless-" + store.Blobs.AccountName), ids));
    private long uses;

    /// <summary>Bytes; a small Functions instance has little more space for temporary files.</summary>
    public long Limit { get; init; } = 512L << 20;

    /// <summary>The blob as a file; <paramref name="download"/> runs once, also when many ask at the same time.</summary>
    public async Task<LocalObject> GetAsync(ObjectInfo info, Func<string, Task> download, CancellationToken cancel)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{info.Key}\n{info.ETag}")))[..32] + Path.GetExtension(info.Key);
        var entry = Pin(name, info.Size);
        try
        {
            await entry.Gate.WaitAsync(cancel);
            try
            {
                if (!entry.IsComplete)
                {
                    await download(entry.Path);
                    entry.IsComplete = true;
                }
            }
            finally
            {
                entry.Gate.Release();
            }
        }
        catch
        {
            Unpin(name, entry);
            throw;
        }

        var released = 0;
        return new LocalObject(entry.Path, info, () =>
        {
            if (Interlocked.Exchange(ref released, 1) == 0) Unpin(name, entry);
        });
    }

    public void Dispose()
    {
        if (folder.IsValueCreated) folder.Value.Dispose();
    }

    private Entry Pin(string name, long size)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(name, out var entry)) entries[name] = entry = new Entry(Path.Combine(folder.Value.Path, name), size);
            entry.Pins++;
            return entry;
        }
    }

    private void Unpin(string name, Entry entry)
    {
        lock (gate)
        {
            entry.LastUse = ++uses;
            if (--entry.Pins == 0 && !entry.IsComplete) Remove(name, entry);
            var unused = entries.Where(e => e.Value.Pins == 0).OrderBy(e => e.Value.LastUse).ToList();
            var excess = unused.Sum(e => e.Value.Size) - Limit;
            foreach (var (oldName, old) in unused.TakeWhile(_ => excess > 0))
            {
                Remove(oldName, old);
                excess -= old.Size;
            }
        }
    }

    private void Remove(string name, Entry entry)
    {
        entries.Remove(name);
        File.Delete(entry.Path);
    }

    private sealed class Entry(string path, long size)
    {
        public string Path { get; } = path;

        public long Size { get; } = size;

        public SemaphoreSlim Gate { get; } = new(1);

        public bool IsComplete { get; set; }

        public int Pins { get; set; }

        public long LastUse { get; set; }
    }
}
