using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Models;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Scoring;

/// <summary>Flushes every buffered model's log at most one second apart, while the host runs and once more when it stops; durable models commit by themselves.</summary>
internal sealed partial class PredictionLog : IPredictionLog, IHostedService
{
    private readonly ConcurrentDictionary<string, ModelLog> models = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, GroupCommit> durable = new(StringComparer.Ordinal);
    private readonly HashSet<string> durableModels;
    private readonly IObjectStore objects;
    private readonly IPredictionFormat format;
    private readonly IdSource ids;
    private readonly TimeProvider time;
    private readonly PredictionLogOptions options;
    private readonly ILogger<PredictionLog> logger;
    private readonly LogTrouble trouble;
    private readonly SemaphoreSlim flushing = new(1, 1);
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim full = new(0, 1);
    private Task? loop;

    public PredictionLog(
        IObjectStore objects, IPredictionFormat format, IdSource ids, TimeProvider time, PredictionLogOptions options, ILogger<PredictionLog> logger, ServingSignals? signals = null, Workspace? workspace = null)
    {
        (this.objects, this.format, this.ids, this.time, this.options, this.logger) = (objects, format, ids, time, options, logger);
        trouble = new LogTrouble(time, logger, signals);
        durableModels = [.. workspace?.Models.Values.Where(m => m.PredictionLog == PredictionLogMode.Durable).Select(m => m.Name) ?? []];
    }

    public long Dropped => trouble.Dropped;

    public Task Append(in PredictionRecord record)
    {
        if (durableModels.Count > 0 && durableModels.Contains(record.Model)) return AppendDurably(record);
        if (!models.TryGetValue(record.Model, out var model)) model = models.GetOrAdd(record.Model, m => new ModelLog(m, objects, format, ids, options, OnFull));
        if (!model.TryAppend(record)) trouble.Drop(record.Model, 1);
        return Task.CompletedTask;
    }

    public async Task FlushAsync(CancellationToken cancel = default)
    {
        foreach (var (_, model) in durable) await model.SettledAsync().ConfigureAwait(false);
        await flushing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var failed = new List<string>();
            Exception? error = null;
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
                    error = e;
                }
            }

            if (!models.IsEmpty) trouble.Wrote([.. models.Keys], failed, error, Unsaved);
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
        var lost = Unsaved();
        if (lost > 0) LogLost(lost);
    }

    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        else await StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private Task AppendDurably(in PredictionRecord record)
    {
        var model = durable.GetOrAdd(record.Model, static (m, log) => new GroupCommit(m, log.objects, log.format, log.ids, log.options, log.time, log.Committed), this);
        if (model.TryAppend(record) is { } stored) return stored;
        trouble.Drop(record.Model, 1);
        return Task.FromException(new NotLoggedException("too many records wait for the store"));
    }

    private void Committed(string model, Exception? error, int dropped)
    {
        if (dropped > 0) trouble.Drop(model, dropped);
        trouble.Wrote([model], error is null ? [] : [model], error, Unsaved);
    }

    private int Unsaved() => models.Values.Sum(m => m.Unsaved);

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

    [LoggerMessage(EventId = 5002, Level = LogLevel.Error, Message = "Stopped with {Lost} predictions that the store did not take.")]
    private partial void LogLost(int lost);
}
