namespace Serverless.Storage;

/// <summary>
/// A folder where one process keeps files for a while. The lock file beside it is held open as long as the process lives; the operating system lets go of
/// it however the process ends, so what a killed process left can be told from what a living one still uses (a process id cannot tell: it is reused, and
/// another container has its own).
/// </summary>
public sealed class ScratchFolder : IDisposable
{
    private const string LockSuffix = ".lock";

    private readonly FileStream held;

    private ScratchFolder(string path, FileStream held) => (Path, this.held) = (path, held);

    public string Path { get; }

    /// <summary>Makes a new folder in <paramref name="parent"/>, which is made as well, and sweeps those whose processes are gone.</summary>
    public static ScratchFolder Create(string parent, IdSource ids)
    {
        Directory.CreateDirectory(parent);
        Sweep(parent);
        for (var attempt = 1; ; attempt++)
        {
            var path = System.IO.Path.Combine(parent, ids.Next(12));
            try
            {
                var held = new FileStream(path + LockSuffix, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
                Directory.CreateDirectory(path);
                return new ScratchFolder(path, held);
            }
            catch (IOException) when (attempt < 5 && Directory.Exists(parent))
            {
                // The name is taken, or a sweeper locked the file between its creation and its locking here: another name.
            }
        }
    }

    public void Dispose()
    {
        DeleteFolder(Path);
        held.Dispose();
    }

    private static void Sweep(string parent)
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
