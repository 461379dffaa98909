using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Serverless.Scheduling;

/// <summary>Does something at once and then at an interval, until the host stops; what fails is logged and done again.</summary>
internal abstract class TickingHost(string what, TimeSpan every, TimeProvider time, ILogger? logger) : BackgroundService
{
    private readonly ILogger log = logger ?? NullLogger.Instance;

    protected abstract Task TickAsync(CancellationToken cancel);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the host's start does not wait for the first look
        using var timer = new PeriodicTimer(every, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TickAsync(stoppingToken);
                await timer.WaitForNextTickAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                SchedulingLog.LoopFailed(log, what, every, e);
                await Task.Delay(every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}

internal sealed class WatcherHost(ILandingWatcher watcher, SchedulingOptions options, TimeProvider time, ILogger<WatcherHost>? logger = null)
    : TickingHost("looking into landing", options.WatchEvery, time, logger)
{
    protected override Task TickAsync(CancellationToken cancel) => watcher.TickAsync(cancel);
}

internal sealed class SchedulerHost(IScheduler scheduler, SchedulingOptions options, TimeProvider time, ILogger<SchedulerHost>? logger = null)
    : TickingHost("the scheduler", options.TickEvery, time, logger)
{
    private readonly TimeProvider time = time;

    protected override Task TickAsync(CancellationToken cancel) => scheduler.TickAsync(time.GetUtcNow(), cancel);
}
