using System.Globalization;
using Cronos;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Arrival;
using Serverless.Gating;
using Serverless.Models;
using Serverless.Monitoring;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Scheduling;

/// <summary>
/// Decides when a model is trained again: by its schedule (UTC; what was missed while nobody was up is caught up once), on new data and on drift, with a cooldown and one
/// training at a time. Of any number of processes one decides for a model at a time (lease); should two do so all the same, the run's id comes from the cause, so both
/// start the same run.
/// </summary>
internal sealed class RetrainScheduler(
    Workspace workspace, IDatasetHistory history, IArrivals arrivals, IRunEngine runs, ILeases leases, DecisionRecords decisions, DriftRecords drifts, IModelRegistry registry, ITrainingHolds holds, SchedulingOptions options, ILogger<RetrainScheduler>? logger = null)
{
    private const string LeasePurpose = "retrain";

    private readonly ILogger log = logger ?? NullLogger<RetrainScheduler>.Instance;

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel)
    {
        foreach (var model in workspace.Models.Values.Where(m => m.Retrain.Schedule is not null || m.Retrain.OnNewData || m.Retrain.OnDrift))
        {
            if (await leases.TryAcquireAsync(LeasePurpose, model.Name, options.DecisionLease, cancel) is not { } lease) continue;
            try
            {
                await DecideAsync(model, now, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                SchedulingLog.ModelSkipped(log, model.Name, e); // one model's trouble is not the others'
            }
            finally
            {
                await leases.ReleaseAsync(lease, CancellationToken.None);
            }
        }
    }

    private async Task DecideAsync(ModelDefinition model, DateTimeOffset now, CancellationToken cancel)
    {
        var memory = await decisions.RememberAsync(model.Name, cancel);
        if (memory is null)
        {
            // The schedule counts from the first time that the model is seen; data count from the beginning.
            memory = new RetrainMemory { ScheduledUntil = now };
            await decisions.KeepAsync(model.Name, memory, cancel);
        }

        var commits = await history.CommitsAsync(model.Dataset, cancel);
        var (due, missed) = Due(model, memory.ScheduledUntil, now);
        var newest = commits.Count > 0 ? commits[^1] : null;
        var fresh = model.Retrain.OnNewData && newest is not null && newest.Version > memory.DatasetVersion && newest.WrittenAt + options.Settles <= now ? newest : null;
        var drift = await DriftAsync(model, memory, cancel);
        if (due is null && fresh is null && drift is null) return;

        var last = await LastAsync(model.Name, cancel);
        if (fresh is not null && last is not null && fresh.WrittenAt < last.CreatedAt)
        {
            await SayAsync(model, now, DecisionCause.NewData, fresh.WrittenAt, $"data-{fresh.Version:D10}", false, $"run {last.Id} was started after version {fresh.Version} of the data", null, cancel);
            memory = memory with { DatasetVersion = fresh.Version };
            await decisions.KeepAsync(model.Name, memory, cancel);
            fresh = null;
        }

        if (drift is not null && last is not null && drift.At < last.CreatedAt)
        {
            await SayAsync(model, now, DecisionCause.Drift, drift.At, $"drift-{drift.Run}", false, $"run {last.Id} was started after the drift was found by run {drift.Run}", null, cancel);
            memory = memory with { DriftUntil = drift.At };
            await decisions.KeepAsync(model.Name, memory, cancel);
            drift = null;
        }

        if (due is null && fresh is null && drift is null) return;
        var no = newest is null ? $"dataset '{model.Dataset}' has no data yet"
            : await arrivals.LookAsync(model.Dataset, cancel) is { } state && state.Refusal() is { } refusal ? refusal
            : await holds.FindAsync(model.Name, cancel) is { } hold ? $"stopped by the gate of run {hold.Last.Run} ({hold.Last.Comment}) until somebody resumes it: serverless-ml models resume {model.Name}"
            : last is { Status: RunStatus.Running } ? $"run {last.Id} is still training"
            : last is { Status: RunStatus.Done or RunStatus.Refused } && last.CreatedAt + model.Retrain.Cooldown > now
                ? $"cooldown until {Time(last.CreatedAt + model.Retrain.Cooldown)} after run {last.Id}" : null;
        await (no is null ? TrainAsync(model, now, due, missed, fresh, drift, newest!, memory, cancel) : WaitAsync(model, now, due, fresh, drift, no, memory, cancel));
    }

    private async Task TrainAsync(ModelDefinition model, DateTimeOffset now, DateTimeOffset? due, int missed, Commit? fresh, DriftEntry? drift, Commit newest, RetrainMemory memory, CancellationToken cancel)
    {
        var (cause, about, key, by) = due is { } time ? (DecisionCause.Schedule, time, "schedule", "schedule")
            : fresh is not null ? (DecisionCause.NewData, fresh.WrittenAt, $"data-{fresh.Version:D10}", "new-data")
            : (DecisionCause.Drift, drift!.At, $"drift-{drift.Run}", "drift");
        var causes = new List<string>();
        if (due is { } at) causes.Add($"schedule of {Time(at)}" + (missed > 0 ? $" (and {missed} missed before it)" : ""));
        if (fresh is not null) causes.Add($"new data: version {fresh.Version} of '{model.Dataset}' ({fresh.File})");
        if (drift is not null) causes.Add($"drift found by run {drift.Run}: {string.Join("; ", drift.Reasons)}");
        var reason = string.Join("; ", causes);
        var id = RunIds.Derived("train", about, model.Name, key);
        await runs.StartAsync(new TrainState { Model = model.Name, Reason = reason, By = by }, id, cancel);
        await SayAsync(model, now, cause, about, key, true, reason, id, cancel);
        await decisions.KeepAsync(model.Name, memory with { ScheduledUntil = due ?? memory.ScheduledUntil, DatasetVersion = newest.Version, DriftUntil = drift?.At ?? memory.DriftUntil }, cancel);
    }

    /// <summary>The newest report, if it says that data drifted from what the present champion learned from, and nothing was decided about it.</summary>
    private async Task<DriftEntry?> DriftAsync(ModelDefinition model, RetrainMemory memory, CancellationToken cancel)
    {
        if (!model.Retrain.OnDrift || await drifts.NewestAsync(model.Name, cancel) is not { Drifted: true, Basis: MonitorBasis.Newer } found || found.At <= memory.DriftUntil) return null;
        return await registry.AliasAsync(model.Name, Alias.Champion, cancel) == found.Version ? found : null;
    }

    /// <summary>A missed schedule is past; new data and drift stay due until they are trained on.</summary>
    private async Task WaitAsync(ModelDefinition model, DateTimeOffset now, DateTimeOffset? due, Commit? fresh, DriftEntry? drift, string why, RetrainMemory memory, CancellationToken cancel)
    {
        if (due is { } time)
        {
            await SayAsync(model, now, DecisionCause.Schedule, time, "schedule", false, why, null, cancel);
            await decisions.KeepAsync(model.Name, memory with { ScheduledUntil = time }, cancel);
        }

        if (fresh is not null) await SayAsync(model, now, DecisionCause.NewData, fresh.WrittenAt, $"data-{fresh.Version:D10}-waits", false, $"not yet: {why}", null, cancel);
        if (drift is not null) await SayAsync(model, now, DecisionCause.Drift, drift.At, $"drift-{drift.Run}-waits", false, $"not yet: {why}", null, cancel);
    }

    private async Task SayAsync(ModelDefinition model, DateTimeOffset now, DecisionCause cause, DateTimeOffset about, string key, bool train, string reason, string? run, CancellationToken cancel)
    {
        var decision = new Decision { Model = model.Name, At = now, Cause = cause, Train = train, Reason = reason, Run = run };
        if (await decisions.AddAsync(decision, about, key, cancel)) SchedulingLog.Decided(log, model.Name, train ? "train" : "no training", reason);
    }

    /// <summary>The last occurrence of the schedule after <paramref name="since"/> that is not in the future, and how many came before it.</summary>
    private static (DateTimeOffset? Due, int Missed) Due(ModelDefinition model, DateTimeOffset since, DateTimeOffset now)
    {
        if (model.Retrain.Schedule is not { } text || since >= now) return (null, 0);
        var cron = CronExpression.Parse(text, CronFormat.Standard);
        DateTime? last = null;
        var count = 0;
        foreach (var occurrence in cron.GetOccurrences(since.UtcDateTime, now.UtcDateTime, fromInclusive: false, toInclusive: true))
        {
            last = occurrence;
            count++;
        }

        return (last is { } due ? new DateTimeOffset(due, TimeSpan.Zero) : null, Math.Max(0, count - 1));
    }

    private async Task<RunRecord?> LastAsync(string model, CancellationToken cancel)
    {
        await foreach (var run in runs.ListAsync("train", model, cancel)) return run;
        return null;
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
