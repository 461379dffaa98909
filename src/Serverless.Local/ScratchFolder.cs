using Serverless.Storage;

namespace Serverless.Local;

/// <summary>
/// Where one process writes files before they become visible. The lock file beside it is held open as long as the process lives; the operating system lets go of
/// it however the process ends, so what a killed process left can be told from what a living one still writes (a process id cannot tell: it is reused, and
/// another container has its own).
/// </summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string LockSuffix = ".lock";

    private readonly FileStream held;

    private ScratchFolder(string path, FileStream held) => (Path, this.held) = (path, held);

    public string Path { get; }

    public static ScratchFolder Create(string parent, IdSource ids)
    {
        for (var attempt = 1; ; attempt++)
        {
            var path = System.IO.Path.Combine(parent, ids.Next(12));
            try
            {
                var held = new FileStream(path + LockSuffix, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
                Directory.CreateDirectory(path);
                return new ScratchFolder(path, held);
            }
            catch (IOException e) when (attempt < 5 && !Disk.IsFull(e))
            {
                // The name is taken, or a sweeper locked the file between its creation and its locking here: another name.
            }
        }
    }

    /// <summary>Removes what processes that are gone left behind.</summary>
    public static void Sweep(string parent)
    {
        foreach (var lockFile in Directory.EnumerateFiles(parent, "*" + LockSuffix))
        {
            try
            {
                using var taken = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
                DeleteFolder(lockFile[..^LockSuffix.Length]);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its owner lives, or somebody else sweeps it at this moment.
            }
        }
    }

    public void Dispose()
    {
        DeleteFolder(Path);
        held.Dispose();
    }

    private static void DeleteFolder(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was ever written.
        }
    }
}
