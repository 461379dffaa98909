using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Serverless.Problems;

namespace Serverless.Local;

/// <summary>What the store asks of a file system beyond the class library: names that appear only once, and writes that survive a power cut.</summary>
internal static partial class Disk
{
    // errno of Linux and macOS; the class library passes it on as HResult.
    private const int Exists = 17, NoSpace = 28, QuotaLinux = 122, QuotaMac = 69, ReadOnly = 30;
    private const int WindowsDiskFull = unchecked((int)0x80070070), WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>
    /// Gives <paramref name="from"/> its final name unless that is taken; false when it is. Of many processes that try, exactly one succeeds:
    /// link(2) and Windows' move without replacing decide it in the file system.
    /// </summary>
    public static bool TryMoveNew(string from, string to)
    {
        if (!TryLinkNew(from, to)) return false;
        File.Delete(from);
        SyncFolder(to);
        return true;
    }

    /// <summary>The first half of <see cref="TryMoveNew"/>: <paramref name="from"/> may stay, and the new name does not survive a power cut before <see cref="SyncFolder"/>.</summary>
    public static bool TryLinkNew(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                File.Move(from, to, overwrite: false);
                return true;
            }
            catch (IOException) when (File.Exists(to))
            {
                return false;
            }
        }

        if (Link(from, to) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Exists) return false;
            throw new IOException($"'{to}' cannot be made: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
        }

        return true;
    }

    /// <summary>A second name for a file; false where that cannot be, as on another disk.</summary>
    public static bool TryLink(string from, string to) => !OperatingSystem.IsWindows() && Link(from, to) == 0;

    /// <summary>Gives <paramref name="from"/> its final name, replacing what has it.</summary>
    public static void Move(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        SyncFolder(to);
    }

    public static void WriteThrough(string path, byte[] content)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Makes a folder and those above it, each of which survives a power cut.</summary>
    public static void MakeFolder(string path)
    {
        if (Directory.Exists(path)) return;
        if (Path.GetDirectoryName(path) is { } parent) MakeFolder(parent);
        Directory.CreateDirectory(path);
        SyncFolder(path);
    }

    /// <summary>Makes a name in a folder survive a power cut: on POSIX systems the folder is a file of its own.</summary>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var handle = OpenFile(Path.GetDirectoryName(path)!, 0, 0);
        if (handle < 0) return;
        _ = FSync(handle);
        _ = Close(handle);
    }

    /// <summary>Begins to write a file's pages to the disk and does not wait for them. A hint: where the system does not know it, nothing happens.</summary>
    public static void BeginWriting(SafeFileHandle file)
    {
        const uint write = 2;
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = SyncFileRange(file, 0, 0, write);
        }
        catch (EntryPointNotFoundException)
        {
            return;
        }
    }

    /// <summary>Number of the file's inode, so that a file moved over another counts as changed; 0 where the system does not tell.</summary>
    public static unsafe ulong Inode(string path)
    {
        if (!OperatingSystem.IsLinux()) return 0;
        const int currentFolder = -100;
        const uint inode = 0x100;
        var fields = stackalloc ulong[32];
        try
        {
            // struct statx is laid out alike on every architecture; stx_ino is at byte 32.
            return StatX(currentFolder, path, 0, inode, fields) == 0 ? fields[4] : 0;
        }
        catch (EntryPointNotFoundException)
        {
            return 0;
        }
    }

    /// <summary>Runs file work and turns what a retry does not mend into an error that names the remedy.</summary>
    public static T Guard<T>(string root, string activity, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (Remedy(e, root, activity) is { } remedy)
        {
            throw remedy;
        }
    }

    /// <inheritdoc cref="Guard{T}(string,string,Func{T})"/>
    public static async Task<T> GuardAsync<T>(string root, string activity, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (Remedy(e, root, activity) is { } remedy)
        {
            throw remedy;
        }
    }

    public static bool IsFull(IOException e) => e.HResult is NoSpace or WindowsDiskFull or WindowsHandleDiskFull
        || (OperatingSystem.IsLinux() && e.HResult == QuotaLinux) || (OperatingSystem.IsMacOS() && e.HResult == QuotaMac);

    public static EnvironmentException FullAt(string root, string activity, Exception inner) => new(
        $"the disk of the store '{root}' is full: could not {activity}. Nothing half-written is visible. Free some space (or raise the quota) and repeat.", inner);

    private static EnvironmentException? Remedy(Exception e, string root, string activity) => e switch
    {
        IOException io when IsFull(io) => FullAt(root, activity, e),
        IOException { HResult: ReadOnly } => new EnvironmentException(
            $"the store '{root}' is on a file system that is read-only: could not {activity}. Mount it for writing.", e),
        UnauthorizedAccessException => new EnvironmentException(
            $"the store '{root}' cannot be used: could not {activity} ({e.Message}). Give this user the right to read and write there.", e),
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long count, uint flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, ulong* fields);
}
