using System.Text.Json;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Secrets;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Sources;

/// <summary>
/// One pull: fetch whole files, hand them to the ordinary ingest, and only then keep how far the source was read. Pulls of one source follow one another. Wherever the
/// process dies, the run goes on from its record: what was fetched lies in the store and is not fetched again, and the history tells which of it was stored.
/// </summary>
internal sealed class PullRun(
    Workspace workspace, SourceCatalogue readers, SourceRecords records, PulledDrops pulled, IDatasetHistory history, IDropInbox inbox, DropAnnouncements announcements, IObjectStore objects,
    IRunEngine runs, WorkerPlaces places, ISignals signals, TimeProvider time, IdSource ids) : IRunDefinition<PullState>
{
    private const int MostWaits = 12;
    private const int MostListed = 100;
    private static readonly TimeSpan ForTheOther = TimeSpan.FromSeconds(2);

    public string Kind => "pull";

    public string Subject(PullState state) => state.Dataset;

    public IReadOnlyList<Transition<PullState>> Transitions =>
    [
        new("asked", "fetched", FetchAsync),
        new("fetched", "ingested", IngestAsync),
        new("ingested", "done", KeepAsync),
    ];

    private async Task<Step<PullState>> FetchAsync(RunContext<PullState> context, CancellationToken cancel)
    {
        var (state, run) = (context.State, context.RunId);
        if (await pulled.FindAsync(run, cancel) is not null) return Step<PullState>.Next(state);
        var (dataset, source, period) = Of(state);
        if (await ClaimAsync(dataset, source, period, run, cancel) is not { } mark)
        {
            return Step<PullState>.Later(state, ForTheOther, $"another pull of '{source.Name}' is under way");
        }

        using var scratch = ScratchFolder.Create(Path.Combine(Path.GetTempPath(), "serverless-pull"), ids);
        try
        {
            context.Progress?.Report(new RunProgress($"asking {source.Name}", null));
            using var away = places.Leave(); // it waits for somebody else: another run may have the worker meanwhile
            var fetched = await readers.Of(source).FetchAsync(new FetchRequest
            {
                Dataset = dataset, Source = source, Run = run, AskedAt = context.CreatedAt, Period = period, Mark = mark, Folder = scratch.Path, Progress = context.Progress,
                Files = source is FolderSource or ContainerSource ? await records.FilesAsync(dataset.Name, source.Name, cancel) : new Dictionary<string, string>(),
            }, cancel);
            await pulled.PutAsync(run, fetched, cancel);
            return Step<PullState>.Next(state);
        }
        catch (SourceBusyException e) when (state.Waits < MostWaits)
        {
            return Step<PullState>.Later(state with { Waits = state.Waits + 1 }, e.After, e.Message);
        }
        catch (Exception e) when (e is SourceException or SecretException or SourceBusyException or DataException)
        {
            return await FailAsync(context, source, PullStatus.Failed, $"nothing was stored: {e.Message.TrimEnd('.')}.", [], cancel);
        }
    }

    private async Task<Step<PullState>> IngestAsync(RunContext<PullState> context, CancellationToken cancel)
    {
        var (dataset, source, _) = Of(context.State);
        var mine = await RequireAsync(context.RunId, cancel);
        var reports = new List<DropReport>(mine.Drops.Count);
        foreach (var drop in mine.Drops)
        {
            context.Progress?.Report(new RunProgress($"ingesting {drop.File}", (double)reports.Count / mine.Drops.Count));
            var report = Stored(await history.CommitsAsync(dataset.Name, cancel), context.RunId, drop) ?? await HandOverAsync(context, dataset, source, drop, cancel);
            if (report.Status != DropStatus.Rejected && drop.FileName is { } name) await records.KeepFileAsync(dataset.Name, source.Name, name, drop.FileTag!, context.RunId, cancel);
            reports.Add(report);
        }

        var rejected = reports.Where(r => r.Status == DropStatus.Rejected).ToArray();
        if (rejected.Length > 0)
        {
            await pulled.ClearAsync(context.RunId, cancel);
            return await FailAsync(context, source, PullStatus.Rejected, $"{rejected[0].File} was rejected: {rejected[0].Reason}" + (rejected.Length > 1 ? $" (and {rejected.Length - 1} more files)" : ""), reports, cancel);
        }

        return Step<PullState>.Next(context.State with
        {
            Report = Report(context, reports.Count == 0 ? PullStatus.NothingNew : PullStatus.Stored, mine.NothingNew, reports) with { Until = mine.Mark.Until, Remarks = mine.Remarks },
        });
    }

    private async Task<Step<PullState>> KeepAsync(RunContext<PullState> context, CancellationToken cancel)
    {
        var (dataset, source, period) = Of(context.State);
        var mine = await RequireAsync(context.RunId, cancel);
        var report = context.State.Report!;
        await EndAsync(dataset, source, period, context.RunId, mine.Mark, new PullOutcome(context.RunId, report.Status, time.GetUtcNow(), report.Reason), cancel);
        await pulled.ClearAsync(context.RunId, cancel);
        var brought = report.Status == PullStatus.NothingNew ? $"nothing new ({report.Reason})" : $"{report.Files} {(report.Files == 1 ? "drop" : "drops")}";
        await SayAsync(context, source, false, $"source '{source.Name}' of dataset '{dataset.Name}' was pulled: {brought}.", cancel);
        return Step<PullState>.Next(context.State);
    }

    /// <summary>How far the source was read, once no other pull of it is under way; null while one is.</summary>
    private async Task<SourceMark?> ClaimAsync(DatasetDefinition dataset, SourceDefinition source, PullPeriod? period, string run, CancellationToken cancel)
    {
        var row = SourceRecords.MarkRow(source.Name, period);
        var (memory, etag) = await records.MemoryAsync(dataset.Name, row, cancel);
        if (memory.Active == run) return memory.Mark;
        if (memory.Active is { } other)
        {
            if (await runs.FindAsync(other, cancel) is { Status: RunStatus.Running }) return null;
            if (await UnfinishedAsync(dataset.Name, other, cancel)) return null;
            memory = memory with { Mark = await SettledAsync(dataset, source, other, memory.Mark, cancel) };
            await pulled.ClearAsync(other, cancel); // it ended without clearing what it fetched
        }

        return await records.KeepAsync(dataset.Name, row, memory with { Active = run }, etag, cancel) ? memory.Mark : null;
    }

    /// <summary>The pull ended before it was done (it failed, or was given up), but a drop of it is still being ingested.</summary>
    private async Task<bool> UnfinishedAsync(string dataset, string run, CancellationToken cancel)
    {
        await foreach (var ingest in runs.ListAsync("ingest", dataset, cancel))
        {
            if (ingest.Status == RunStatus.Running && ingest.Data.Deserialize<IngestState>(ServerlessJson.Options)?.Origin?.Run == run) return true;
            if (string.CompareOrdinal(ingest.Id["ingest-".Length..], run["pull-".Length..]) < 0) return false; // older than the pull
        }

        return false;
    }

    /// <summary>The mark after a pull that did not live to keep its own: the history knows what it stored.</summary>
    private async Task<SourceMark> SettledAsync(DatasetDefinition dataset, SourceDefinition source, string run, SourceMark before, CancellationToken cancel)
    {
        if (await pulled.FindAsync(run, cancel) is not { Drops.Count: > 0 } left) return before;
        var commits = await history.CommitsAsync(dataset.Name, cancel);
        var stored = left.Drops.Where(d => Stored(commits, run, d) is not null).ToArray();
        foreach (var drop in stored.Where(d => d.FileName is not null)) await records.KeepFileAsync(dataset.Name, source.Name, drop.FileName!, drop.FileTag!, run, cancel);
        return stored.Length == left.Drops.Count ? left.Mark : before;
    }

    private async Task EndAsync(DatasetDefinition dataset, SourceDefinition source, PullPeriod? period, string run, SourceMark? mark, PullOutcome outcome, CancellationToken cancel)
    {
        var row = SourceRecords.MarkRow(source.Name, period);
        while (true)
        {
            var (memory, etag) = await records.MemoryAsync(dataset.Name, row, cancel);
            if (memory.Active != run) return; // kept before, or another pull has settled it
            if (await records.KeepAsync(dataset.Name, row, memory with { Active = null, Mark = mark ?? memory.Mark, Last = outcome }, etag, cancel)) return;
        }
    }

    private async Task<DropReport> HandOverAsync(RunContext<PullState> context, DatasetDefinition dataset, SourceDefinition source, PulledDrop drop, CancellationToken cancel)
    {
        var by = $"pull:{source.Name}";
        await announcements.AnnounceAsync(dataset.Name, drop.File, new DropAnnouncement { By = by, Append = drop.Append, Whole = drop.Whole, Origin = drop.Origin }, cancel);
        string id;
        await using (var content = await objects.OpenReadAsync(drop.Key, cancel) ?? throw new ObjectMissingException(drop.Key))
        {
            id = await inbox.PutAsync(dataset.Name, drop.File, content, by, drop.Append, cancel);
        }

        await announcements.WithdrawAsync(dataset.Name, drop.File, cancel);
        var ingest = await runs.DriveAsync(id, context.Progress, cancel);
        if (ingest.Status == RunStatus.Failed) throw new DataException($"{drop.File} was fetched, and its ingest failed: {ingest.Reason} (run {id})");
        return ingest.Data.Deserialize<IngestState>(ServerlessJson.Options)?.Report
            ?? throw new DataException($"{drop.File} was fetched, and its ingest ended as '{ingest.State}' without a report (run {id})");
    }

    private static DropReport? Stored(IReadOnlyList<Commit> commits, string run, PulledDrop drop) =>
        commits.LastOrDefault(c => c.Origin?.Run == run && c.File == drop.File) is not { } commit ? null : new DropReport
        {
            File = drop.File, Status = DropStatus.Stored, Run = commit.Run, Version = commit.Version, Quarantined = commit.Quarantined,
            Partitions = [.. commit.Partitions.Take(MostListed).Select(p => new StoredPartition(p.Id, p.Key, p.Rows))],
        };

    private async Task<Step<PullState>> FailAsync(RunContext<PullState> context, SourceDefinition source, PullStatus status, string reason, List<DropReport> reports, CancellationToken cancel)
    {
        var (dataset, _, period) = Of(context.State);
        var report = Report(context, status, reason, reports);
        await EndAsync(dataset, source, period, context.RunId, null, new PullOutcome(context.RunId, status, time.GetUtcNow(), reason), cancel);
        await SayAsync(context, source, true, $"source '{source.Name}' of dataset '{dataset.Name}' could not be pulled: {reason}", cancel);
        var state = context.State with { Report = report };
        return status == PullStatus.Rejected ? Step<PullState>.End(state, reason) : Step<PullState>.Fail(state, reason);
    }

    private static PullReport Report(RunContext<PullState> context, PullStatus status, string? reason, List<DropReport> reports) => new()
    {
        Run = context.RunId, Dataset = context.State.Dataset, Source = context.State.Source, Status = status, Reason = reason, Files = reports.Count,
        Drops = [.. reports.OrderByDescending(r => r.Status == DropStatus.Rejected).Take(MostListed)],
    };

    private Task SayAsync(RunContext<PullState> context, SourceDefinition source, bool bad, string message, CancellationToken cancel) => signals.PublishAsync(
    [
        new Signal
        {
            Kind = SignalKind.Source, Subject = context.State.Dataset, Name = source.Name, Bad = bad, Severity = Severity.Warning, Message = message, At = context.CreatedAt, Run = context.RunId,
        },
    ], cancel);

    private (DatasetDefinition, SourceDefinition, PullPeriod?) Of(PullState state)
    {
        var dataset = workspace.Dataset(state.Dataset);
        var source = dataset.Source(state.Source);
        return (dataset, source, source.ByPeriod ? PullPeriod.Of(state.At, dataset.Partition.Grain, source.Period) : null);
    }

    private async Task<Pulled> RequireAsync(string run, CancellationToken cancel) =>
        await pulled.FindAsync(run, cancel) ?? throw new DataException($"what run {run} fetched is no longer in the store; pull again");
}
