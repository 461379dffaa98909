using System.Globalization;
using Cronos;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Arrival;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Switches;
using Serverless.Workspaces;

namespace Serverless.Sources;

/// <summary>Decides which sources are pulled; for hosts with timers of their own. Every call may be repeated and made by many at once.</summary>
public interface IPullScheduler
{
    /// <summary>Starts the pulls that are due: by schedule, because inputs of a join have changed, and again while data are late.</summary>
    Task TickAsync(DateTimeOffset now, CancellationToken cancel = default);

    /// <summary>Starts a pull on request and returns its run.</summary>
    Task<string> AskAsync(string dataset, string source, string by, string reason, CancellationToken cancel = default);
}

/// <summary>
/// A pull's run has an id derived from what it is for (the schedule's occurrence, the versions of a join's inputs, the time of a retry), so whoever decides the same starts the
/// same run, once. What is decided is remembered as a time that only grows; a clock that is put back by up to an hour decides nothing twice, one that was further ahead was
/// wrong, and the schedule goes on from the present time.
/// </summary>
internal sealed class PullScheduler(
    Workspace workspace, SourceRecords records, IDatasetHistory history, IArrivals arrivals, IRunEngine runs, TimeProvider time, IdSource ids, ILogger<PullScheduler>? logger = null,
    ISwitches? switches = null) : IPullScheduler
{
    /// <summary>Occurrences of a source by period that were missed are caught up one by one, but not more than this.</summary>
    internal const int MostMissed = 31;

    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(15);
    private readonly ILogger log = logger ?? NullLogger<PullScheduler>.Instance;

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        foreach (var dataset in workspace.Datasets.Values.Where(d => switches?.IsOn(SwitchedParts.Pulls, d.Name) != false))
        {
            foreach (var source in dataset.Sources)
            {
                try
                {
                    if (source is JoinSource join) await JoinAsync(dataset, join, now, cancel);
                    if (source.Schedule is not null) await ScheduleAsync(dataset, source, now, cancel);
                }
                catch (Exception e) when (!cancel.IsCancellationRequested)
                {
                    SourcesLog.Skipped(log, dataset.Name, source.Name, e); // one source's trouble is not the others'
                }
            }

            await RetryAsync(dataset, now, cancel);
        }
    }

    public async Task<string> AskAsync(string dataset, string source, string by, string reason, CancellationToken cancel = default)
    {
        workspace.Dataset(dataset).Source(source);
        var now = time.GetUtcNow();
        return await runs.StartAsync(new PullState { Dataset = dataset, Source = source, At = now, By = by, Reason = reason }, RunIds.New("pull", now, ids), cancel);
    }

    private async Task ScheduleAsync(DatasetDefinition dataset, SourceDefinition source, DateTimeOffset now, CancellationToken cancel)
    {
        var (schedule, etag) = await records.ScheduleAsync(dataset.Name, source.Name, cancel);
        if (schedule is null)
        {
            // The schedule counts from the first time that the source is seen.
            await records.KeepAsync(dataset.Name, source.Name, new SourceSchedule { Until = now }, null, cancel);
            return;
        }

        if (schedule.Until > now + Slack)
        {
            SourcesLog.ClockWasAhead(log, dataset.Name, source.Name, schedule.Until);
            await records.KeepAsync(dataset.Name, source.Name, schedule with { Until = now, Generation = schedule.Generation + 1 }, etag, cancel);
            return;
        }

        if (schedule.Until >= now) return;
        var due = CronExpression.Parse(source.Schedule!, CronFormat.Standard).GetOccurrences(schedule.Until.UtcDateTime, now.UtcDateTime, fromInclusive: false, toInclusive: true)
            .TakeLast(source.ByPeriod ? MostMissed : 1).Select(o => new DateTimeOffset(o, TimeSpan.Zero)).ToArray();
        if (due.Length == 0) return;
        foreach (var at in due)
        {
            await StartAsync(dataset, source, at, "schedule", $"schedule of {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}", $"schedule-{schedule.Generation}", cancel);
        }

        await records.KeepAsync(dataset.Name, source.Name, schedule with { Until = due[^1] }, etag, cancel);
    }

    /// <summary>A join is made again once its inputs have changed and rest.</summary>
    private async Task JoinAsync(DatasetDefinition dataset, JoinSource join, DateTimeOffset now, CancellationToken cancel)
    {
        var versions = new List<string>();
        var newest = DateTimeOffset.MinValue;
        foreach (var input in join.Inputs)
        {
            if ((await history.CommitsAsync(input, cancel)) is not { Count: > 0 } commits) return; // nothing to join yet
            versions.Add($"{input}@{commits[^1].Version}");
            if (commits[^1].WrittenAt > newest) newest = commits[^1].WrittenAt;
        }

        // An input written in the future: the clock was put back, and there is nothing to wait for.
        if (newest + Settles > now && newest <= now) return;
        var wanted = string.Join(",", versions);
        var (schedule, etag) = await records.ScheduleAsync(dataset.Name, join.Name, cancel);
        if (schedule?.Inputs == wanted) return;
        await StartAsync(dataset, join, newest, "input", $"inputs changed: {string.Join(", ", versions)}", wanted, cancel);
        await records.KeepAsync(dataset.Name, join.Name, (schedule ?? new SourceSchedule { Until = now }) with { Inputs = wanted }, etag, cancel);
    }

    /// <summary>Between due time and deadline, sources are asked again at growing intervals.</summary>
    private async Task RetryAsync(DatasetDefinition dataset, DateTimeOffset now, CancellationToken cancel)
    {
        if (dataset.Arrival is null || dataset.Sources.Count == 0) return;
        try
        {
            if (await arrivals.LookAsync(dataset.Name, cancel) is not { Outcome: ArrivalOutcome.Late, Due: { } due, Deadline: { } deadline } state) return;
            if (LastRetry(due, deadline, now) is not { } at) return;
            foreach (var source in dataset.Sources.Where(s => s is not JoinSource))
            {
                await StartAsync(dataset, source, at, "arrival", $"the data of {state.Period} are late", "arrival", cancel);
            }
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            SourcesLog.Skipped(log, dataset.Name, "all", e);
        }
    }

    /// <summary>The last of the retries that are due now: an eighth of the way to the deadline (one to fifteen minutes) after the due time, then twice as long each, at most an hour. Null before the first.</summary>
    internal static DateTimeOffset? LastRetry(DateTimeOffset due, DateTimeOffset deadline, DateTimeOffset now)
    {
        var wait = TimeSpan.FromTicks(Math.Clamp((deadline - due).Ticks / 8, TimeSpan.TicksPerMinute, 15 * TimeSpan.TicksPerMinute));
        DateTimeOffset? last = null;
        for (var at = due + wait; at <= now && at < deadline; at += wait)
        {
            last = at;
            wait = wait * 2 < Slack ? wait * 2 : Slack;
        }

        return last;
    }

    private async Task StartAsync(DatasetDefinition dataset, SourceDefinition source, DateTimeOffset at, string by, string reason, string key, CancellationToken cancel)
    {
        var id = RunIds.Derived("pull", at, dataset.Name, source.Name, key);
        if (await runs.FindAsync(id, cancel) is not null) return;
        await runs.StartAsync(new PullState { Dataset = dataset.Name, Source = source.Name, At = at, By = by, Reason = reason }, id, cancel);
        SourcesLog.Asked(log, dataset.Name, source.Name, id, reason);
    }
}

internal static partial class SourcesLog
{
    [LoggerMessage(1130, LogLevel.Information, "Dataset {Dataset}, source {Source}: pull {Run}: {Reason}")]
    public static partial void Asked(ILogger logger, string dataset, string source, string run, string reason);

    [LoggerMessage(1131, LogLevel.Error, "Dataset {Dataset}, source {Source}: whether to pull could not be decided this time")]
    public static partial void Skipped(ILogger logger, string dataset, string source, Exception exception);

    [LoggerMessage(1132, LogLevel.Warning, "Dataset {Dataset}, source {Source}: the schedule was decided up to {Until}, which is ahead of the clock; it goes on from now")]
    public static partial void ClockWasAhead(ILogger logger, string dataset, string source, DateTimeOffset until);
}
