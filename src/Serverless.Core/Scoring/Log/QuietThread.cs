using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Serverless.Scoring;

/// <summary>
/// A thread for work that takes milliseconds at a time while requests come: the system gives it less when there is not enough for all (a quarter of a request's thread on Linux, where only this way is open to a
/// thread that is not privileged). On a pool's thread such work stands in line with requests as their equal, and on a machine with one core each of them waits for a whole turn of it.
/// </summary>
internal sealed partial class QuietThread
{
    private const int Process = 0, Nice = 6;

    private readonly BlockingCollection<Action> work = [];

    private QuietThread()
    {
        new Thread(Run) { IsBackground = true, Name = "serverless-log", Priority = ThreadPriority.BelowNormal }.Start();
    }

    public static QuietThread Shared => Made.Value;

    private static Lazy<QuietThread> Made { get; } = new(() => new QuietThread());

    /// <param name="one">Runs to its end on the thread; where it waits, the thread waits.</param>
    public Task RunAsync(Func<Task> one)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        work.Add(() =>
        {
            try
            {
                one().GetAwaiter().GetResult();
                done.SetResult();
            }
            catch (OperationCanceledException e)
            {
                done.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    private void Run()
    {
        // On Linux a "process" of this call is a thread, and 0 the calling one. Where it is refused, everything works as before.
        if (OperatingSystem.IsLinux()) _ = SetPriority(Process, 0, Nice);
        foreach (var one in work.GetConsumingEnumerable()) one();
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
