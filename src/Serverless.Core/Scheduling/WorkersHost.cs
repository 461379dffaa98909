using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Runs;

namespace Serverless.Scheduling;

/// <summary>
/// Moves runs on from the work queue. Asked to stop, it takes no further message, lets steps finish for a while, then cancels them: a cancelled step is as if it had not
/// begun, and its message waits for the next worker.
/// </summary>
internal sealed class WorkersHost(IRunEngine runs, SchedulingOptions options, TimeProvider time, ILogger<WorkersHost>? logger = null) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    private readonly ILogger log = logger ?? NullLogger<WorkersHost>.Instance;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var abort = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var stopping = stoppingToken.Register(() => abort.CancelAfter(options.StopGrace));
        SchedulingLog.WorkersStarted(log, options.Workers);
        await Task.WhenAll(Enumerable.Range(0, options.Workers).Select(_ => Task.Run(() => WorkAsync(stoppingToken, abort.Token), CancellationToken.None)));
        SchedulingLog.WorkersStopped(log);
    }

    private async Task WorkAsync(CancellationToken stopping, CancellationToken abort)
    {
        var pause = FirstPause;
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
