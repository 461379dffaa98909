using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Serverless.Storage;

namespace Serverless.Local;

/// <summary>
/// Several new files that go to the disk together. All are written before the first is flushed, so that one journal entry of the file system serves them all: a flush after
/// each file took three times as long. Files that got another name by then stay; what remains here is removed.
/// </summary>
internal sealed class GroupWrite(LocalFolder folder) : IDisposable
{
    /// <summary>Files of a group, which are open together, at most.</summary>
    public const int Most = 256;

    private const int BufferSize = 1 << 17;

    private readonly List<(int Index, string Path)> written = [];
    private readonly List<SafeFileHandle> open = [];

    public IReadOnlyList<(int Index, string Path)> Written => written;

    /// <param name="finish">Called with the path when the content is there, before it is flushed.</param>
    public async Task AddAsync(int index, NewObject content, Action<string> finish, CancellationToken cancel)
    {
        var path = folder.NewTemporary();
        var taken = content.Path is { } there && Disk.TryLink(there, path);
        var file = File.OpenHandle(path, taken ? FileMode.Open : FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        open.Add(file);
        written.Add((index, path));
        if (!taken) await CopyAsync(content, file, cancel);
        finish(path);
        Disk.BeginWriting(file);
    }

    private static async Task CopyAsync(NewObject content, SafeFileHandle file, CancellationToken cancel)
    {
        await using var from = content.Open();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long at = 0;
            for (int read; (read = await from.ReadAsync(buffer, cancel)) > 0; at += read) RandomAccess.Write(file, buffer.AsSpan(0, read), at);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>All that was added is on the disk afterwards, under its temporary name.</summary>
    public void Flush()
    {
        foreach (var file in open) RandomAccess.FlushToDisk(file);
        Close();
    }

    public void Dispose()
    {
        Close();
        foreach (var (_, path) in written) File.Delete(path);
    }

    private void Close()
    {
        foreach (var file in open) file.Dispose();
        open.Clear();
    }
}
