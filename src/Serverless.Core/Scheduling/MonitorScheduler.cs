using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Models;
using Serverless.Monitoring;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Scheduling;

/// <summary>Starts comparisons with the reference: once new data settled, and at the model's own interval.</summary>
public interface IMonitorScheduler
{
    /// <summary>For every model that asks for it; may be repeated, and called by many at once.</summary>
    Task TickAsync(DateTimeOffset now, CancellationToken cancel = default);
}

/// <summary>As <see cref="RetrainScheduler"/>: one process decides for a model at a time, and the run's id comes from its cause.</summary>
internal sealed class MonitorScheduler(
    Workspace workspace, IDatasetHistory history, IModelRegistry registry, IRunEngine runs, ILeases leases, DriftRecords records, SchedulingOptions options, ILogger<MonitorScheduler>? logger = null) : IMonitorScheduler
{
    private const string LeasePurpose = "monitor";

    private readonly ILogger log = logger ?? NullLogger<MonitorScheduler>.Instance;

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        foreach (var model in workspace.Models.Values.Where(m => m.Monitor is not null || m.Retrain.OnDrift))
        {
            if (await leases.TryAcquireAsync(LeasePurpose, model.Name, options.DecisionLease, cancel) is not { } lease) continue;
            try
            {
                await DecideAsync(model, now, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                SchedulingLog.MonitorSkipped(log, model.Name, e);
            }
            finally
            {
                await leases.ReleaseAsync(lease, CancellationToken.None);
            }
        }
    }

    private async Task DecideAsync(ModelDefinition model, DateTimeOffset now, CancellationToken cancel)
    {
        if (await registry.AliasAsync(model.Name, Alias.Champion, cancel) is not { } champion || await registry.FindAsync(model.Name, champion, cancel) is not { Reference: not null } version) return;
        var memory = await records.RememberAsync(model.Name, cancel);
        if (memory is null)
        {
            // The interval counts from the first time that the model is seen; data count from the beginning.
            memory = new MonitorMemory { LastAt = now };
            await records.KeepAsync(model.Name, memory, cancel);
        }

        var commits = await history.CommitsAsync(version.Lineage.Dataset, cancel);
        if (commits.Count == 0) return;
        var newest = commits[^1];
        var fresh = newest.Version > memory.DatasetVersion && newest.WrittenAt + options.Settles <= now;
        var due = model.Monitor?.Every is { } every && memory.LastAt + every <= now ? memory.LastAt + every : (DateTimeOffset?)null;
        if (!fresh && due is null) return;
        var partitions = await history.PartitionsAsync(version.Lineage.Dataset, null, cancel);
        if (!partitions.Any(p => PartitionKey.Period(p.Key)?.End > version.Lineage.Until))
        {
            // All that came is what the champion learned from.
            if (fresh) await records.KeepAsync(model.Name, memory with { DatasetVersion = newest.Version }, cancel);
            return;
        }

        if (await LastAsync(model.Name, cancel) is { Status: RunStatus.Running }) return;
        var (reason, by, about, key) = fresh
            ? ($"new data: version {newest.Version} of '{version.Lineage.Dataset}' ({newest.File})", "new-data", newest.WrittenAt, $"data-{newest.Version:D10}-v{champion}")
            : ("its interval has passed", "schedule", due!.Value, $"every-v{champion}");
        var id = RunIds.Derived("monitor", about, model.Name, key);
        await runs.StartAsync(new MonitorState { Model = model.Name, Reason = reason, By = by }, id, cancel);
        await records.KeepAsync(model.Name, memory with { DatasetVersion = fresh ? newest.Version : memory.DatasetVersion, LastAt = now }, cancel);
        SchedulingLog.Monitored(log, model.Name, id, reason);
    }

    private async Task<RunRecord?> LastAsync(string model, CancellationToken cancel)
    {
        await foreach (var run in runs.ListAsync("monitor", model, cancel)) return run;
        return null;
    }
}
