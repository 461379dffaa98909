using Cronos;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Scheduling;
using Serverless.Switches;
using Serverless.Workspaces;

namespace Serverless.Scoring;

/// <summary>
/// Starts score runs by the clock and after new data. What was done last stands in the runs themselves, and a run's id comes from its cause, so any number of processes start one.
/// </summary>
internal sealed class BatchScheduler(Workspace workspace, IDatasetHistory history, IModelRegistry registry, Batches batches, SchedulingOptions options, ILogger<BatchScheduler>? logger = null, ISwitches? switches = null)
{
    public const string Schedule = "schedule";
    public const string NewData = "new-data";

    /// <summary>Occurrences further back are not looked for.</summary>
    private static readonly TimeSpan Furthest = TimeSpan.FromDays(366);

    private readonly ILogger log = logger ?? NullLogger<BatchScheduler>.Instance;

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        foreach (var model in workspace.Models.Values.Where(m => m.Batch is { IsDue: true } && switches?.IsOn(SwitchedParts.Batches, m.Name) != false))
        {
            try
            {
                await DecideAsync(model, model.Batch!, now, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                SchedulingLog.BatchSkipped(log, model.Name, e);
            }
        }
    }

    private async Task DecideAsync(ModelDefinition model, BatchDefinition terms, DateTimeOffset now, CancellationToken cancel)
    {
        if (await registry.AliasAsync(model.Name, Alias.Champion, cancel) is null) return;
        var commits = await history.CommitsAsync(model.Dataset, cancel);
        if (commits.Count == 0) return;
        var last = await LastAsync(model.Name, cancel);
        if (last is { Status: RunStatus.Running }) return;
        // What a failed batch did not do is still to be done.
        var scored = last is null ? null : last.Status == RunStatus.Done ? last.State.DatasetVersion : last.State.After;
        var newest = commits[^1];
        var begin = new BatchRequest { Model = model.Name, By = Schedule, After = terms.Window is null && !terms.Precompute ? scored : null, From = terms.Window is { } window ? await StartAsync(model.Dataset, window, cancel) : null };
        if (terms.OnNewData && newest.Version > (scored ?? 0) && newest.WrittenAt + options.Settles <= now)
        {
            await BeginAsync(begin with { By = NewData }, newest.Version, newest.WrittenAt, $"data-{newest.Version}", cancel);
        }
        else if (terms.Schedule is { } cron && Due(cron, last?.CreatedAt ?? commits[0].WrittenAt, now) is { } due && (begin.After is null || newest.Version > begin.After))
        {
            await BeginAsync(begin, newest.Version, due, $"due-{cron}", cancel);
        }
    }

    /// <summary>The last occurrence after a time, up to now; those before it that were missed are made up for by it.</summary>
    private static DateTimeOffset? Due(string cron, DateTimeOffset after, DateTimeOffset now)
    {
        var from = after > now - Furthest ? after : now - Furthest;
        if (from >= now) return null;
        DateTime? last = null;
        foreach (var occurrence in CronExpression.Parse(cron).GetOccurrences(from.UtcDateTime, now.UtcDateTime, fromInclusive: false, toInclusive: true)) last = occurrence;
        return last is { } due ? new DateTimeOffset(due, TimeSpan.Zero) : null;
    }

    private async Task<DateTimeOffset?> StartAsync(string dataset, TimeSpan window, CancellationToken cancel) =>
        (await history.PartitionsAsync(dataset, null, cancel)).Select(p => PartitionKey.Period(p.Key)?.End).Max() is { } end ? end - window : null;

    private async Task BeginAsync(BatchRequest request, int version, DateTimeOffset about, string key, CancellationToken cancel)
    {
        var id = await batches.StartAsync(request, version, RunIds.Derived("score", about, request.Model, key), cancel);
        SchedulingLog.BatchBegun(log, request.Model, id, request.By);
    }

    private async Task<Batch?> LastAsync(string model, CancellationToken cancel)
    {
        await foreach (var batch in batches.ListAsync(model, cancel)) if (batch.State is { Object: null, By: Schedule or NewData }) return batch;
        return null;
    }
}
