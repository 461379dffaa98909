using System.Text;
using Serverless.Problems;

namespace Serverless.Local;

/// <summary>
/// Mutual exclusion by key among the tasks of this process and among processes: a file lock, which the operating system lets go of when its holder is killed.
/// Keys share 64 locks; they are held only for a comparison and a rename, never while bytes are written.
/// </summary>
internal sealed class KeyLocks(LocalFolder folder)
{
    private const int Stripes = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim[] inProcess = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1))];

    public async Task<IDisposable> AcquireAsync(string key, CancellationToken cancel)
    {
        var stripe = Stripe(key);
        await inProcess[stripe].WaitAsync(cancel);
        try
        {
            var path = Path.Combine(folder.Locks, $"{stripe:d2}.lock");
            var started = Environment.TickCount64;
            while (true)
            {
                try
                {
                    return new Held(inProcess[stripe], new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1));
                }
                catch (IOException e) when (!Disk.IsFull(e) && e is not DirectoryNotFoundException)
                {
                    if (Environment.TickCount64 - started > Patience.TotalMilliseconds)
                    {
                        throw new EnvironmentException($"another process has held the lock '{path}' for {Patience.TotalSeconds:0} seconds. "
                            + "Look for a process that is stopped (Ctrl-Z, debugger) and still has this store open, and end it.", e);
                    }

                    await Task.Delay(2, cancel);
                }
            }
        }
        catch
        {
            inProcess[stripe].Release();
            throw;
        }
    }

    // FNV-1a: the same stripe in every process, which string.GetHashCode is not.
    private static int Stripe(string key)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(key)) hash = (hash ^ b) * 16777619u;
        return (int)(hash % Stripes);
    }

    private sealed class Held(SemaphoreSlim semaphore, FileStream file) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            semaphore.Release();
        }
    }
}
