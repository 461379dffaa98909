using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Runs;

namespace Serverless.Scheduling;

/// <summary>
/// Moves runs on from the work queue. Asked to stop, it takes no further message, lets steps finish for a while, then cancels them: a cancelled step is as if it had not
/// begun, and its message waits for the next worker.
/// </summary>
internal sealed class WorkersHost(IRunEngine runs, WorkerPlaces places, SchedulingOptions options, TimeProvider time, ILogger<WorkersHost>? logger = null) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    private readonly ILogger log = logger ?? NullLogger<WorkersHost>.Instance;
    private readonly ConcurrentDictionary<Task, bool> substitutes = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var abort = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var stopping = stoppingToken.Register(() => abort.CancelAfter(options.StopGrace));
        SchedulingLog.WorkersStarted(log, options.Workers);
        await Task.WhenAll(Enumerable.Range(0, options.Workers).Select(_ => Task.Run(() => WorkAsync(stoppingToken, abort.Token), CancellationToken.None)));
        await Task.WhenAll(substitutes.Keys);
        SchedulingLog.WorkersStopped(log);
    }

    /// <summary>Works in the place of a step that waits for somebody else, until that comes back (and its own step is done).</summary>
    private Substitute? Begin(CancellationToken stopping, CancellationToken abort)
    {
        if (stopping.IsCancellationRequested || substitutes.Count >= options.Substitutes) return null;
        var back = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var work = Task.Run(() => WorkAsync(back.Token, abort), CancellationToken.None);
        substitutes.TryAdd(work, true);
        _ = work.ContinueWith(w =>
        {
            substitutes.TryRemove(w, out _);
            back.Dispose();
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return new Substitute(back);
    }

    private sealed class Substitute(CancellationTokenSource back) : IDisposable
    {
        public void Dispose()
        {
            try
            {
                back.Cancel();
            }
            catch (ObjectDisposedException)
            {
                return; // it has stopped with the host
            }
        }
    }

    private async Task WorkAsync(CancellationToken stopping, CancellationToken abort)
    {
        var pause = FirstPause;
        places.Give(() => Begin(stopping, abort));
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await runs.WorkOnceAsync(abort))
                {
                    pause = FirstPause;
                    continue;
                }

                await Task.Delay(pause, time, stopping);
                pause = pause * 2 < options.WorkPoll ? pause * 2 : options.WorkPoll;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The store may be away for a moment: a worker never gives up.
                SchedulingLog.LoopFailed(log, "a worker", options.WorkPoll, e);
                await Task.Delay(options.WorkPoll, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
