using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Rollouts;

/// <summary>Keeps the plans of this process as the flags say, and says what it counted.</summary>
public interface IRolloutServing
{
    /// <summary>Looks at the flags now.</summary>
    Task RefreshAsync(CancellationToken cancel = default);

    /// <summary>Says now what was counted so far.</summary>
    Task CountAsync(CancellationToken cancel = default);
}

/// <summary>
/// The last good flags hold: while the flags cannot be read or make no sense, the plans stay as they are, and somebody is told. A process that never saw them takes the rollouts' own records.
/// </summary>
internal sealed partial class RolloutHost(
    IFlagStore flags, RolloutRecords records, RolloutFlags projection, PlanCompiler compiler, PlannedVersions versions, ModelRouter router, CounterRecords counts, RolloutSignals signals,
    IEnumerable<IFlagsListener> listeners, IdSource ids, TimeProvider time, RolloutOptions options, ILogger<RolloutHost> logger) : BackgroundService, IRolloutServing
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly Said<string> said = new();
    private readonly string process = ids.Next(12);
    private readonly Dictionary<string, IReadOnlyList<VariantTotals>> reported = new(StringComparer.Ordinal);
    private FlagSet? known;
    private bool incomplete;

    public async Task RefreshAsync(CancellationToken cancel = default)
    {
        await turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await LookAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    public async Task CountAsync(CancellationToken cancel = default)
    {
        await turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var active = router.Plans.Values.Select(p => p.Rollout).ToHashSet(StringComparer.Ordinal);
            foreach (var (rollout, totals) in compiler.Counted().ToList())
            {
                if (!reported.TryGetValue(rollout, out var before) || !totals.SequenceEqual(before))
                {
                    await counts.WriteAsync(rollout, process, totals, time.GetUtcNow(), cancel).ConfigureAwait(false);
                    reported[rollout] = totals;
                }

                if (active.Contains(rollout)) continue;
                compiler.Forget(rollout);
                reported.Remove(rollout);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    // Subjects have their variant from the first request on; but flags that do not come keep nobody waiting for long.
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.FirstLook);
        try
        {
            await RefreshAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(e);
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        await TryAsync(CountAsync, cancellationToken).ConfigureAwait(false);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(LoopAsync(options.PollEvery, RefreshAsync, stoppingToken), LoopAsync(options.CountEvery, CountAsync, stoppingToken));

    private async Task LoopAsync(TimeSpan every, Func<CancellationToken, Task> what, CancellationToken cancel)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false)) await TryAsync(what, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> what, CancellationToken cancel)
    {
        try
        {
            await what(cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(e);
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        try
        {
            var set = await flags.ReadAsync(incomplete ? null : known?.Mark, cancel).ConfigureAwait(false);
            await FlagsAsync(bad: false, $"the flags can be read from {flags.Name}").ConfigureAwait(false);
            if (set is not null) await TakeAsync(set.Flags, cancel).ConfigureAwait(false);
            known = set ?? known;
            foreach (var listener in listeners) await TryAsync(c => listener.SeenAsync(known!, c), cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is DataException or EnvironmentException or IOException or UnauthorizedAccessException)
        {
            LogUnreadable(e, flags.Name);
            await FlagsAsync(bad: true, $"the flags cannot be read from {flags.Name}, so the last known ones hold: {e.Message}").ConfigureAwait(false);
            if (known is null && router.Plans.Count == 0) await TakeAsync(await FromRecordsAsync(cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        }
    }

    private async Task TakeAsync(IReadOnlyDictionary<string, JsonObject> all, CancellationToken cancel)
    {
        var plans = new Dictionary<string, ServingPlan>(StringComparer.Ordinal);
        incomplete = false;
        foreach (var (id, flag) in all)
        {
            if (RolloutFlags.ModelOf(id) is not { } model) continue;
            var before = router.Plans.GetValueOrDefault(model);
            try
            {
                plans[model] = await compiler.CompileAsync(model, flag, all.GetValueOrDefault(RolloutFlags.SliceOf(model)), before, cancel).ConfigureAwait(false);
                if (said.Changes(model, bad: false)) await signals.SayAsync(model, "plan", bad: false, Severity.Error, "the rollout's flags are followed", time.GetUtcNow()).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Nothing half right is followed: the plan before holds, or without one the champion answers everybody.
                incomplete = true;
                if (before is not null) plans[model] = before;
                LogRefused(e, model);
                if (said.Changes(model, bad: true))
                {
                    await signals.SayAsync(model, "plan", bad: true, Severity.Error, $"the rollout's flags are not followed ({(before is null ? "the champion answers everybody" : "those before hold")}): {e.Message}", time.GetUtcNow()).ConfigureAwait(false);
                }
            }
        }

        router.Set(plans);
        versions.Keep(plans.SelectMany(p => p.Value.Variants.SelectMany(v => new[] { v.Model, v.Shadow }).OfType<Scoring.ServedModel>().Select(m => (p.Key, m.Version))).ToHashSet());
    }

    private async Task<IReadOnlyDictionary<string, JsonObject>> FromRecordsAsync(CancellationToken cancel)
    {
        var all = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var model in await records.ModelsAsync(cancel).ConfigureAwait(false))
        {
            if (await records.LastAsync(model, cancel).ConfigureAwait(false) is not { Record: { Active: true } rollout }) continue;
            var (allocation, slice) = projection.Project(rollout);
            all[allocation.Id] = FlagFile.Write(allocation);
            if (slice is not null) all[slice.Id] = FlagFile.Write(slice);
        }

        return all;
    }

    private async Task FlagsAsync(bool bad, string message)
    {
        // A process that begins well has nothing to say; one that was in trouble says that it is over.
        if (!said.Changes("", bad) || (!bad && known is null)) return;
        foreach (var model in router.Plans.Keys.Union(await records.ModelsAsync(CancellationToken.None).ConfigureAwait(false)))
        {
            await signals.SayAsync(model, "flags", bad, Severity.Error, message, time.GetUtcNow()).ConfigureAwait(false);
        }
    }

    [LoggerMessage(7201, LogLevel.Error, "The flags cannot be read from {Store}; the last known ones hold")]
    private partial void LogUnreadable(Exception error, string store);

    [LoggerMessage(7202, LogLevel.Error, "The flags of the rollout of {Model} are not followed")]
    private partial void LogRefused(Exception error, string model);

    [LoggerMessage(7203, LogLevel.Error, "Looking at rollouts failed; it is tried again")]
    private partial void LogFailed(Exception error);
}
