using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Serverless.Problems;
using Serverless.Rollouts;

namespace Serverless.Local;

/// <summary>
/// Flags in <c>flags.json</c> of the store's folder, in the form of Microsoft.FeatureManagement. People may edit it: our own writes put a whole new file in its place, under a lock that only
/// writers take, and a file that cannot be read is never written over.
/// </summary>
internal sealed class FileFlagStore(string folder) : IFlagStore
{
    private static readonly TimeSpan LockWait = TimeSpan.FromMilliseconds(20);
    private const int LockTries = 500;

    private readonly string path = Path.Combine(folder, "flags.json");
    private (DateTime Written, long Length, string Mark)? last;

    public string Name => path;

    public async Task<FlagSet?> ReadAsync(string? known, CancellationToken cancel = default)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) return known == "" ? null : new FlagSet("", new Dictionary<string, JsonObject>());
            // A file that was not touched is not read: serving looks every other second.
            if (known is not null && last is { } seen && seen.Mark == known && (seen.Written, seen.Length) == (file.LastWriteTimeUtc, file.Length)) return null;
            var bytes = await ReadAllAsync(cancel).ConfigureAwait(false);
            var mark = Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (mark == known) return null;
            var flags = FlagFile.Parse(bytes, "flags.json");
            last = (file.LastWriteTimeUtc, file.Length, mark);
            return new FlagSet(mark, flags);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"flags.json cannot be read: {e.Message}", e);
        }
    }

    public async Task UpdateAsync(string id, Func<JsonObject?, JsonObject?> change, CancellationToken cancel = default)
    {
        try
        {
            Disk.MakeFolder(Path.GetFullPath(folder));
            using var held = await LockAsync(cancel).ConfigureAwait(false);
            var flags = File.Exists(path) ? FlagFile.Parse(await ReadAllAsync(cancel).ConfigureAwait(false), "flags.json") : new Dictionary<string, JsonObject>();
            var there = flags.GetValueOrDefault(id);
            var changed = change(there);
            if (ReferenceEquals(changed, there)) return;
            var all = flags.Where(f => f.Key != id).Select(f => f.Value).ToList();
            if (changed is not null) all.Add(changed);
            var temporary = $"{path}.{Environment.ProcessId}.tmp";
            File.Delete(temporary);
            Disk.WriteThrough(temporary, FlagFile.Write(all));
            Disk.Move(temporary, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"flags.json cannot be written: {e.Message}", e);
        }
    }

    private async Task<byte[]> ReadAllAsync(CancellationToken cancel)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancel).ConfigureAwait(false);
        return bytes.ToArray();
    }

    // The operating system lets go of the lock when its process dies.
    private async Task<FileStream> LockAsync(CancellationToken cancel)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (i < LockTries)
            {
                await Task.Delay(LockWait, cancel).ConfigureAwait(false);
            }
        }
    }
}
