using Microsoft.Extensions.Logging;

namespace Serverless.Runs;

/// <summary>
/// Keeps a run held while its step runs: renews the record's hold and the message's visibility. When the hold is lost, <see cref="Lost"/> is cancelled so that the
/// step stops early; even if it does not, its outcome cannot be stored any more.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource lost = new();
    private readonly Task loop;

    public Heartbeat(StoredRun run, RunRecords runs, RunOptions options, TimeProvider time, Func<Task>? renewMessage, ILogger log)
    {
        Run = run;
        loop = BeatAsync(runs, options, time, renewMessage, log);
    }

    /// <summary>The run with its latest ETag; final once <see cref="StopAsync"/> has returned.</summary>
    public StoredRun Run { get; private set; }

    public CancellationToken Lost => lost.Token;

    public async Task StopAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(false);
    }

    public void Dispose()
    {
        stop.Dispose();
        lost.Dispose();
    }

    private async Task BeatAsync(RunRecords runs, RunOptions options, TimeProvider time, Func<Task>? renewMessage, ILogger log)
    {
        using var timer = new PeriodicTimer(options.Heartbeat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token).ConfigureAwait(false))
            {
                try
                {
                    if (renewMessage is not null) await renewMessage().ConfigureAwait(false);

                    // Not cancelled by stop: a replace cut off in the middle would leave us without the ETag.
                    var renewed = await runs.ReplaceAsync(Run, Run.Record with { HeldUntil = time.GetUtcNow() + options.Hold }, CancellationToken.None).ConfigureAwait(false);
                    if (renewed is null)
                    {
                        await lost.CancelAsync().ConfigureAwait(false);
                        return;
                    }

                    Run = renewed;
                }
                catch (Exception e) when (!stop.IsCancellationRequested)
                {
                    RunLog.HeartbeatMissed(log, Run.Record.Id, e); // the next beat tries again; the hold is three beats long
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }
}
