using System.Globalization;
using System.Runtime.CompilerServices;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Local;

/// <summary>
/// Objects as files. A write goes to a file in <c>tmp/</c>, is flushed to the disk, and gets its name in one step, so a killed writer leaves nothing that a reader sees.
/// </summary>
internal sealed class LocalObjectStore(LocalFolder folder) : IObjectStore
{
    private readonly KeyLocks locks = new(folder);

    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancel = default)
    {
        var path = PathOf(key);
        return Task.FromResult(Disk.Guard(folder.Root, $"look at '{key}'", () => Info(key, path)));
    }

    public Task<Stream?> OpenReadAsync(string key, CancellationToken cancel = default)
    {
        var path = PathOf(key);
        return Task.FromResult(Disk.Guard<Stream?>(folder.Root, $"read '{key}'", () =>
        {
            if (Directory.Exists(path)) return null;
            try
            {
                return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.Asynchronous);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException || IsBelowFile(path))
            {
                return null;
            }
        }));
    }

    public Task<ObjectInfo?> PutIfAbsentAsync(string key, Stream content, CancellationToken cancel = default)
    {
        var path = PathOf(key);
        if (File.Exists(path)) return Task.FromResult<ObjectInfo?>(null);
        return WriteAsync(key, path, content, temporary =>
        {
            var info = Stamp(key, temporary, null);
            return Task.FromResult(Disk.TryMoveNew(temporary, path) ? info : null);
        }, cancel);
    }

    public async Task<IReadOnlyList<ObjectInfo?>> PutAllIfAbsentAsync(IReadOnlyList<NewObject> all, CancellationToken cancel = default)
    {
        var put = new ObjectInfo?[all.Count];
        for (var from = 0; from < put.Length; from += GroupWrite.Most)
        {
            var some = all.Skip(from).Take(GroupWrite.Most).ToArray();
            await Disk.GuardAsync(folder.Root, $"write '{some[0].Key}' and {some.Length - 1} more", () => PutGroupAsync(some, put.AsMemory(from, some.Length), cancel));
        }

        return put;
    }

    public async Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancel = default)
    {
        var path = PathOf(key);
        return (await WriteAsync(key, path, content, async temporary =>
        {
            using var held = await locks.AcquireAsync(key, cancel);
            return Replace(key, path, temporary, Info(key, path));
        }, cancel))!;
    }

    public Task<ObjectInfo?> ReplaceAsync(string key, Stream content, string etag, CancellationToken cancel = default)
    {
        var path = PathOf(key);
        return WriteAsync(key, path, content, async temporary =>
        {
            using var held = await locks.AcquireAsync(key, cancel);
            return Info(key, path) is { } before && before.ETag == etag ? Replace(key, path, temporary, before) : null;
        }, cancel);
    }

    public async Task<bool> DeleteAsync(string key, CancellationToken cancel = default)
    {
        var path = PathOf(key);
        using var held = await locks.AcquireAsync(key, cancel);
        return Disk.Guard(folder.Root, $"delete '{key}'", () =>
        {
            if (!File.Exists(path)) return false;
            File.Delete(path);
            Disk.SyncFolder(path);
            return true;
        });
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        prefix = ObjectKey.CheckPrefix(prefix);
        folder.Open();
        var root = prefix[..(prefix.LastIndexOf('/') + 1)];
        foreach (var (key, file) in KeyWalk.From(folder.Objects, root, prefix, after))
        {
            cancel.ThrowIfCancellationRequested();
            if (Info(key, file) is { } info) yield return info;
        }

        await Task.CompletedTask;
    }

    public async Task<LocalObject> MaterialiseAsync(string key, CancellationToken cancel = default) =>
        await HeadAsync(key, cancel) is { } info ? new LocalObject(PathOf(key), info) : throw new ObjectMissingException(key);

    private string PathOf(string key)
    {
        ObjectKey.Check(key);
        folder.Open();
        if (OperatingSystem.IsWindows() && key.IndexOfAny([':', '*', '?', '"', '<', '>', '|']) is >= 0 and var at)
            throw new RequestException($"object key '{key}' cannot be a file on Windows: it contains '{key[at]}'.");
        return Path.Combine(folder.Objects, key.Replace('/', Path.DirectorySeparatorChar));
    }

    private async Task<ObjectInfo?> WriteAsync(string key, string path, Stream content, Func<string, Task<ObjectInfo?>> publish, CancellationToken cancel)
    {
        return await Disk.GuardAsync(folder.Root, $"write '{key}'", async () =>
        {
            var temporary = folder.NewTemporary();
            try
            {
                await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1, FileOptions.Asynchronous))
                {
                    await content.CopyToAsync(file, 1 << 17, cancel);
                    file.Flush(flushToDisk: true);
                }

                MakeParent(key, path);
                return await publish(temporary);
            }
            finally
            {
                File.Delete(temporary);
            }
        });
    }

    private async Task<bool> PutGroupAsync(NewObject[] all, Memory<ObjectInfo?> put, CancellationToken cancel)
    {
        using var group = new GroupWrite(folder);
        var paths = all.Select(o => PathOf(o.Key)).ToArray();
        for (var i = 0; i < all.Length; i++)
        {
            if (!File.Exists(paths[i])) await group.AddAsync(i, all[i], temporary => Touch(temporary, null), cancel);
        }

        group.Flush();
        foreach (var (i, temporary) in group.Written)
        {
            MakeParent(all[i].Key, paths[i]);
            if (Disk.TryLinkNew(temporary, paths[i])) put.Span[i] = Info(all[i].Key, paths[i]);
        }

        foreach (var parent in group.Written.Select(w => paths[w.Index]).DistinctBy(Path.GetDirectoryName)) Disk.SyncFolder(parent);
        return true;
    }

    private static void MakeParent(string key, string path)
    {
        if (Directory.Exists(path)) throw new RequestException($"object key '{key}' cannot be used: other objects lie below it.");
        try
        {
            Disk.MakeFolder(Path.GetDirectoryName(path)!);
        }
        catch (IOException e) when (IsBelowFile(path))
        {
            throw new RequestException($"object key '{key}' cannot be used: one of the names on its way is an object itself.", e);
        }
    }

    private static bool IsBelowFile(string path)
    {
        for (var parent = Path.GetDirectoryName(path); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (File.Exists(parent)) return true;
        }

        return false;
    }

    private static ObjectInfo Replace(string key, string path, string temporary, ObjectInfo? before)
    {
        var info = Stamp(key, temporary, before?.Modified);
        Disk.Move(temporary, path);
        return info;
    }

    // The file's time, set by us to 100 ns rather than left to the coarse clock of the file system, and made to grow with each write of a key: two writes never share an
    // ETag, also when they have the same size. It is the machine's time, as Blob Storage has its own, and is no part of any result.
    private static ObjectInfo Stamp(string key, string temporary, DateTimeOffset? before)
    {
        Touch(temporary, before);
        return Info(key, temporary)!;
    }

    private static void Touch(string temporary, DateTimeOffset? before)
    {
        var now = DateTime.UtcNow;
        if (before is { } earlier && now <= earlier.UtcDateTime) now = earlier.UtcDateTime.AddTicks(1);
        File.SetLastWriteTimeUtc(temporary, now);
    }

    private static ObjectInfo? Info(string key, string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        var modified = file.LastWriteTimeUtc;
        var etag = string.Create(CultureInfo.InvariantCulture, $"{Disk.Inode(path):x}-{modified.Ticks:x}-{file.Length:x}");
        return new ObjectInfo(key, file.Length, etag, new DateTimeOffset(modified, TimeSpan.Zero));
    }
}
