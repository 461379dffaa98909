using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
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
using Serverless.Switches;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Scheduling;

/// <summary>
/// Decides when a model is trained again: by its schedule (UTC; what was missed while nobody was up is caught up once), on new data, on drift and on request of other parts (feedback), with a cooldown and one
/// training at a time. Of any number of processes one decides for a model at a time (lease); should two do so all the same, the run's id comes from the cause, so both
/// start the same run.
/// </summary>
internal sealed class RetrainScheduler(
    Workspace workspace, IDatasetHistory history, IArrivals arrivals, IRunEngine runs, ILeases leases, DecisionRecords decisions, DriftRecords drifts, RetrainRequests requests, IModelRegistry registry, ITrainingHolds holds, SchedulingOptions options, ILogger<RetrainScheduler>? logger = null,
    ISwitches? switches = null)
{
    private const string LeasePurpose = "retrain";

    private readonly ILogger log = logger ?? NullLogger<RetrainScheduler>.Instance;

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var asked = await requests.AllAsync(cancel);
        foreach (var model in workspace.Models.Values.Where(m => m.Retrain.Schedule is not null || m.Retrain.OnNewData || m.Retrain.OnDrift || asked.ContainsKey(m.Name)))
        {
            if (await leases.TryAcquireAsync(LeasePurpose, model.Name, options.DecisionLease, cancel) is not { } lease) continue;
            try
            {
                await DecideAsync(model, asked.GetValueOrDefault(model.Name), now, cancel);
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

    private async Task DecideAsync(ModelDefinition model, RetrainRequest? asked, DateTimeOffset now, CancellationToken cancel)
    {
        var memory = await decisions.RememberAsync(model.Name, cancel);
        if (memory is null)
        {
            // The schedule counts from the first time that the model is seen; data count from the beginning.
            memory = new RetrainMemory { ScheduledUntil = now };
            await decisions.KeepAsync(model.Name, memory, cancel);
        }

        var commits = await history.CommitsAsync(model.Dataset, cancel);
        var newest = commits.Count > 0 ? commits[^1] : null;
        List<DueCause> due = [.. new[] { Scheduled(model, memory, now), Fresh(model, newest, memory, now), await DriftAsync(model, memory, cancel), Requested(asked, memory) }.OfType<DueCause>()];
        if (due.Count == 0) return;
        var last = await LastAsync(model.Name, cancel);
        foreach (var past in due.Where(c => c.Found is not null && last is not null && c.About < last.CreatedAt).ToArray())
        {
            await SayAsync(model, now, past, past.Key, false, $"run {last!.Id} was started after {past.Found}", null, cancel);
            memory = Forget(past.Decided(memory), past);
            await decisions.KeepAsync(model.Name, memory, cancel);
            due.Remove(past);
        }

        if (due.Count == 0) return;
        var no = newest is null ? $"dataset '{model.Dataset}' has no data yet"
            : await arrivals.LookAsync(model.Dataset, cancel) is { } state && state.Refusal() is { } refusal ? refusal
            : await holds.FindAsync(model.Name, cancel) is { } hold ? $"stopped by the gate of run {hold.Last.Run} ({hold.Last.Comment}) until somebody resumes it: serverless-ml models resume {model.Name}"
            : switches?.IsOn(SwitchedParts.Retraining, model.Name) == false ? $"switched off by the flag '{SwitchedParts.FlagOf(SwitchedParts.Retraining)}'"
            : last is { Status: RunStatus.Running } ? $"run {last.Id} is still training"
            : last is { Status: RunStatus.Done or RunStatus.Refused } && last.CreatedAt + model.Retrain.Cooldown > now
                ? $"cooldown until {Time(last.CreatedAt + model.Retrain.Cooldown)} after run {last.Id}" : null;
        await (no is null ? TrainAsync(model, now, due, newest!, memory, cancel) : WaitAsync(model, now, due, no, memory, cancel));
    }

    /// <summary>One training for all causes; its id comes from the first.</summary>
    private async Task TrainAsync(ModelDefinition model, DateTimeOffset now, IReadOnlyList<DueCause> due, Commit newest, RetrainMemory memory, CancellationToken cancel)
    {
        var (first, reason) = (due[0], string.Join("; ", due.Select(c => c.Words)));
        var id = RunIds.Derived("train", first.About, model.Name, first.Key);
        await runs.StartAsync(new TrainState { Model = model.Name, Reason = reason, By = first.By }, id, cancel);
        await SayAsync(model, now, first, first.Key, true, reason, id, cancel);
        memory = due.Aggregate(memory, (m, c) => c.Decided(m)) with { DatasetVersion = newest.Version, Waiting = new Dictionary<string, SaidNo>() };
        await decisions.KeepAsync(model.Name, memory, cancel);
    }

    /// <summary>A missed schedule is past; everything else stays due until it is trained on. A "no" is said once, and again when its reason is another.</summary>
    private async Task WaitAsync(ModelDefinition model, DateTimeOffset now, IReadOnlyList<DueCause> due, string why, RetrainMemory memory, CancellationToken cancel)
    {
        var before = memory;
        foreach (var cause in due)
        {
            if (cause.Found is null)
            {
                await SayAsync(model, now, cause, cause.Key, false, why, null, cancel);
                memory = cause.Decided(memory);
                continue;
            }

            var times = 0;
            if (memory.Waiting.TryGetValue(cause.Key, out var said))
            {
                if (said.Reason == why) continue;
                times = said.Times;
            }

            // A process that dies before it has kept its memory says the same once more, under the same key.
            await SayAsync(model, now, cause, $"{cause.Key}-waits-{times:D4}-{Short(why)}", false, $"not yet: {why}", null, cancel);
            memory = memory with { Waiting = new Dictionary<string, SaidNo>(memory.Waiting) { [cause.Key] = new(times + 1, why) } };
        }

        if (!ReferenceEquals(memory, before)) await decisions.KeepAsync(model.Name, memory, cancel);
    }

    private static DueCause? Scheduled(ModelDefinition model, RetrainMemory memory, DateTimeOffset now) => Due(model, memory.ScheduledUntil, now) is not ({ } time, var missed) ? null
        : new DueCause(DecisionCause.Schedule, time, "schedule", "schedule", $"schedule of {Time(time)}" + (missed > 0 ? $" (and {missed} missed before it)" : ""), null, m => m with { ScheduledUntil = time });

    private DueCause? Fresh(ModelDefinition model, Commit? newest, RetrainMemory memory, DateTimeOffset now) =>
        !model.Retrain.OnNewData || newest is null || newest.Version <= memory.DatasetVersion || newest.WrittenAt + options.Settles > now ? null
        : new DueCause(DecisionCause.NewData, newest.WrittenAt, $"data-{newest.Version:D10}", "new-data", $"new data: version {newest.Version} of '{model.Dataset}' ({newest.File})",
            $"version {newest.Version} of the data", m => m with { DatasetVersion = newest.Version });

    /// <summary>The newest report, if it says that data drifted from what the present champion learned from, and nothing was decided about it.</summary>
    private async Task<DueCause?> DriftAsync(ModelDefinition model, RetrainMemory memory, CancellationToken cancel)
    {
        if (!model.Retrain.OnDrift || await drifts.NewestAsync(model.Name, cancel) is not { Drifted: true, Basis: MonitorBasis.Newer } found || found.At <= memory.DriftUntil) return null;
        if (await registry.AliasAsync(model.Name, Alias.Champion, cancel) != found.Version) return null;
        return new DueCause(DecisionCause.Drift, found.At, $"drift-{found.Run}", "drift", $"drift found by run {found.Run}: {string.Join("; ", found.Reasons)}",
            $"the drift was found by run {found.Run}", m => m with { DriftUntil = found.At });
    }

    private static DueCause? Requested(RetrainRequest? asked, RetrainMemory memory)
    {
        if (asked is null || asked.At <= memory.RequestsUntil) return null;
        var by = JsonNamingPolicy.KebabCaseLower.ConvertName(asked.Cause.ToString());
        return new DueCause(asked.Cause, asked.At, $"asked-{Short(asked.Key)}", by, $"{by}: {asked.Reason}", $"{by} asked for it ({asked.Reason})", m => m with { RequestsUntil = asked.At });
    }

    private static RetrainMemory Forget(RetrainMemory memory, DueCause cause) => !memory.Waiting.ContainsKey(cause.Key) ? memory
        : memory with { Waiting = memory.Waiting.Where(w => w.Key != cause.Key).ToDictionary() };

    private async Task SayAsync(ModelDefinition model, DateTimeOffset now, DueCause cause, string key, bool train, string reason, string? run, CancellationToken cancel)
    {
        var decision = new Decision { Model = model.Name, At = now, Cause = cause.Cause, Train = train, Reason = reason, Run = run };
        if (await decisions.AddAsync(decision, cause.About, key, cancel)) SchedulingLog.Decided(log, model.Name, train ? "train" : "no training", reason);
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

    private static string Short(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A reason to train that nothing was decided about.</summary>
    /// <param name="About">When it came up.</param>
    /// <param name="Key">With the time, the same for whoever decides the same.</param>
    /// <param name="By">Who asks for the run.</param>
    /// <param name="Found">What a training that began later came after; null for the schedule, which is past once somebody has said no.</param>
    /// <param name="Decided">The memory once it is decided.</param>
    private sealed record DueCause(DecisionCause Cause, DateTimeOffset About, string Key, string By, string Words, string? Found, Func<RetrainMemory, RetrainMemory> Decided);
}
