using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Storage;

namespace Serverless.Scoring;

/// <summary>Flushes every model's log at most one second apart, while the host runs and once more when it stops.</summary>
internal sealed partial class PredictionLog(
    IObjectStore objects, IPredictionFormat format, IdSource ids, TimeProvider time, PredictionLogOptions options, ILogger<PredictionLog> logger, ServingSignals? signals = null)
    : IPredictionLog, IHostedService
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, ModelLog> models = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim flushing = new(1, 1);
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim full = new(0, 1);
    private Task? loop;
    private long dropped;
    private long reportedDropped;
    private DateTimeOffset? lastReport;

    // What was dropped when the present trouble began; null while there is none.
    private long? troubledFrom;

    public long Dropped => Interlocked.Read(ref dropped);

    public void Append(in PredictionRecord record)
    {
        if (!models.TryGetValue(record.Model, out var model)) model = models.GetOrAdd(record.Model, m => new ModelLog(m, objects, format, ids, options, OnFull));
        if (!model.TryAppend(record)) Interlocked.Increment(ref dropped);
    }

    public async Task FlushAsync(CancellationToken cancel = default)
    {
        await flushing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var before = reportedDropped;
            var failed = new List<string>();
            foreach (var (name, model) in models)
            {
                try
                {
                    await model.FlushAsync(cancel).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // A full or unreachable store must not stop the answers: the rows stay, within bounds, and are tried again.
                    failed.Add(name);
                    Report(e);
                }
            }

            if (Dropped > reportedDropped) Report(null);
            Signal(failed, before);
        }
        finally
        {
            flushing.Release();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        loop ??= Task.WhenAll(Task.Run(() => LoopAsync(stopping.Token), CancellationToken.None), Task.Run(() => FullAsync(stopping.Token), CancellationToken.None));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        if (loop is { } running) await running.ConfigureAwait(false);
        loop = null;
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        var lost = models.Values.Sum(m => m.Unsaved);
        if (lost > 0) LogLost(lost);
    }

    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        else await StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async Task LoopAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(options.FlushEvery, time);
        try
        {
            // A flush under way is finished, not cancelled: half the work twice is slower than the whole once.
            while (await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false)) await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    /// <summary>A busy model does not wait for the timer: what waits stays as small as one file, whatever the load.</summary>
    private async Task FullAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await full.WaitAsync(cancel).ConfigureAwait(false);
                await FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private void OnFull()
    {
        try
        {
            if (full.CurrentCount == 0) full.Release();
        }
        catch (SemaphoreFullException)
        {
            // Two models at once: the flush that the other one asked for takes both.
            return;
        }
    }

    private void Signal(IReadOnlyCollection<string> failed, long before)
    {
        if (failed.Count == 0 && Dropped == before && troubledFrom is { } from)
        {
            troubledFrom = null;
            signals?.LogIsWell(models.Keys, Dropped - from);
        }
        else if ((failed.Count > 0 || Dropped > before) && troubledFrom is null)
        {
            troubledFrom = before;
            signals?.LogInTrouble(failed.Count > 0 ? failed : models.Keys, Dropped - before);
        }
    }

    private void Report(Exception? error)
    {
        var now = time.GetUtcNow();
        if (lastReport is { } last && now - last < ReportEvery) return;
        lastReport = now;
        var total = Dropped;
        LogTrouble(error, models.Values.Sum(m => m.Unsaved), total - reportedDropped, total);
        reportedDropped = total;
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message =
        "The prediction log cannot be written: {Waiting} predictions wait in memory, {NewlyDropped} were dropped since the last report ({Dropped} in all). Serving goes on. Free space or mend the store; waiting predictions are stored then.")]
    private partial void LogTrouble(Exception? error, int waiting, long newlyDropped, long dropped);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Error, Message = "Stopped with {Lost} predictions that the store did not take.")]
    private partial void LogLost(int lost);
}
