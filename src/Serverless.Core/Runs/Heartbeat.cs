using Microsoft.Extensions.Logging;

namespace Serverless.Runs;

/// <summary>
/// Keeps a run held while its step runs: renews the record's hold and the message's visibility. When the hold is lost, <see cref="Lost"/> is cancelled so that the
/// step stops early; even if it does not, its outcome cannot be stored any more.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    private readonly PeriodicTimer timer;
    private readonly CancellationTokenSource lost = new();
    private readonly Task loop;

    public Heartbeat(StoredRun run, RunRecords runs, RunOptions options, TimeProvider time, Func<Task>? renewMessage, ILogger log)
    {
        Run = run;
        timer = new PeriodicTimer(options.Heartbeat, time);
        loop = BeatAsync(runs, options, time, renewMessage, log);
    }

    /// <summary>The run with its latest ETag; final once <see cref="StopAsync"/> has returned.</summary>
    public StoredRun Run { get; private set; }

    public CancellationToken Lost => lost.Token;

    public async Task StopAsync()
    {
        timer.Dispose(); // ends the wait without an exception; a token's would look up source lines at every step of every run
        await loop.ConfigureAwait(false);
    }

    public void Dispose()
    {
        timer.Dispose();
        lost.Dispose();
    }

    private async Task BeatAsync(RunRecords runs, RunOptions options, TimeProvider time, Func<Task>? renewMessage, ILogger log)
    {
        while (await timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            try
            {
                if (renewMessage is not null) await renewMessage().ConfigureAwait(false);

                // Not cancelled by a stop: a replace cut off in the middle would leave us without the ETag.
                var renewed = await runs.ReplaceAsync(Run, Run.Record with { HeldUntil = time.GetUtcNow() + options.Hold }, CancellationToken.None).ConfigureAwait(false);
                if (renewed is null)
                {
                    await lost.CancelAsync().ConfigureAwait(false);
                    return;
                }

                Run = renewed;
            }
            catch (Exception e)
            {
                RunLog.HeartbeatMissed(log, Run.Record.Id, e); // the next beat tries again; the hold is three beats long
            }
        }
    }
}
