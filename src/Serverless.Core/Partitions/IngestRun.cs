using System.Text.Json;
using Serverless.Alerts;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Partitions;

/// <summary>
/// A drop on its way into the history. First its files are written (put if absent), then one commit makes all of them visible; until then nobody sees any. Then those who
/// watch the data are told. Each step finds its own work done when it is repeated.
/// </summary>
internal sealed class IngestRun(
    Workspace workspace, IDataEngine engine, IObjectStore objects, IDatasetHistory history, ICheckCatalogue checks, TimeProvider time, IEnumerable<ICommitObserver> observers, ISignals? signals = null)
    : IRunDefinition<IngestState>
{
    /// <summary>A drop that changes while it is read is tried again so often before the run gives up (and a later announcement starts another).</summary>
    internal const int MostAttempts = 20;

    /// <summary>More partitions or failed checks than this stand only in the objects, not in the run's record.</summary>
    internal const int MostListed = 2_000;

    /// <summary>So often observers are told before the run goes on without them.</summary>
    private const int MostTellings = 3;

    private static readonly TimeSpan UntilItRests = TimeSpan.FromSeconds(2);

    public string Kind => "ingest";

    public string Subject(IngestState state) => state.Dataset;

    public IReadOnlyList<Transition<IngestState>> Transitions =>
    [
        new("received", "partitioned", PartitionAsync),
        new("partitioned", "committed", CommitAsync),
        new("committed", "done", TellAsync),
    ];

    private async Task<Step<IngestState>> PartitionAsync(RunContext<IngestState> context, CancellationToken cancel)
    {
        var state = context.State;
        var dataset = workspace.Dataset(state.Dataset);
        if (await objects.HeadAsync(state.Key, cancel) is null)
        {
            return Step<IngestState>.End(state with { Report = Rejected(context, $"'{state.Key}' is no longer there: it was removed before it was read.") }, "the drop is gone");
        }

        using var drop = await objects.MaterialiseAsync(state.Key, cancel);
        var sha256 = await PartitionStore.HashAsync(drop.Path, cancel);
        if (DropCommit.Holding(await history.CommitsAsync(dataset.Name, cancel), sha256, dataset.ContractVersion) is { } there)
        {
            return Finish(state, Duplicate(context, there));
        }

        var scratch = Directory.CreateTempSubdirectory("serverless-ingest-").FullName;
        try
        {
            var progress = context.Progress is null ? null : new ReadingProgress(context.Progress, FileOf(state));
            var cut = await engine.PartitionAsync(drop.Path, FileOf(state), dataset, state.ArrivedAt, scratch, progress, cancel);
            if (await objects.HeadAsync(state.Key, cancel) is not { } after || after.ETag != drop.Info.ETag) return Changed(context);
            if (cut.Rejected is { } reason)
            {
                if (signals is not null) await signals.PublishAsync([DropSignals.Rejected(dataset.Name, FileOf(state), reason, state.ArrivedAt, context.RunId)], cancel);
                await new RejectedDrops(objects).MoveAsync(dataset.Name, drop, sha256, context.RunId, reason, time.GetUtcNow(), cancel);
                return Step<IngestState>.End(state with { Report = Rejected(context, reason) }, $"rejected: {reason}");
            }

            var (together, with) = await new DropVerdicts(Merged, history).TogetherAsync(cut.Partitions, dataset, sha256, state, cancel);
            cut = cut with { Partitions = together };
            context.Progress?.Report(new RunProgress("storing", null));
            var entries = await new PartitionStore(objects).PutAsync(cut, sha256, dataset, cancel);
            await PutAsync(CutPath(context.RunId), new CutDrop
            {
                Drop = sha256, File = FileOf(state), Bytes = drop.Info.Size, ContractVersion = dataset.ContractVersion, Quarantined = cut.Quarantined,
                Partitions = entries, JudgedWith = with, Failed = [.. cut.Partitions.SelectMany(p => DropVerdicts.Failed(p.Key, p.Inspection?.Checks ?? []))], Judged = DropSignals.Judge(cut.Partitions),
                NotStored = cut.NotStored, Absent = cut.Absent,
            }, cancel);
            return Step<IngestState>.Next(state);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private async Task<Step<IngestState>> CommitAsync(RunContext<IngestState> context, CancellationToken cancel)
    {
        if (context.State.Report is not null) return Step<IngestState>.Next(context.State); // A duplicate: there is nothing to commit.
        var drop = await GetAsync<CutDrop>(CutPath(context.RunId), cancel)
            ?? throw new ObjectMissingException(CutPath(context.RunId));
        var dataset = workspace.Dataset(context.State.Dataset);
        Commit? commit = null;
        while (commit is null)
        {
            var commits = await history.CommitsAsync(dataset.Name, cancel);
            if (DropCommit.Holding(commits, drop.Drop, drop.ContractVersion) is { } there)
            {
                if (there.Run != context.RunId) return Finish(context.State, Duplicate(context, there));
                commit = there; // This run committed before, and died before its record said so.
                break;
            }

            Commit? Build(CutDrop cut, IReadOnlyList<Commit> before, int version) => DropCommit.Build(cut, before, version, dataset, context.State, context.RunId, time.GetUtcNow());
            if (await new DropVerdicts(Merged, history).AgainAsync(drop, commits, dataset, context.State, () => Build(drop, commits, commits.Count + 1)!, cancel) is { } judged)
            {
                drop = judged;
                await PutAsync(CutPath(context.RunId), drop, cancel);
            }

            // Whoever was faster may have stored rows of the same periods: then they are judged together before anything is said.
            commit = await history.AppendAsync(dataset.Name, (now, version) =>
                now.Count != commits.Count && DropCommit.Outdated(drop, DropCommit.Beside(drop, now, context.State)).Count > 0 ? null : Build(drop, now, version), cancel);
        }

        var more = commit.Partitions.Count > MostListed ? $"{commit.Partitions.Count:N0} partitions; the first {MostListed:N0} are listed here, all in the history." : null;
        return Finish(context.State, new DropReport
        {
            File = drop.File,
            Status = DropStatus.Stored,
            Run = context.RunId,
            Partitions = [.. commit.Partitions.Take(MostListed).Select(p => new StoredPartition(p.Id, p.Key, p.Rows))],
            Quarantined = drop.Quarantined,
            Version = commit.Version,
            Failed = [.. drop.Failed.Take(MostListed / 10)],
            NotStored = drop.NotStored,
            Absent = drop.Absent,
            Reason = more,
        });
    }

    // The data are in already: whoever cannot look at them now is tried again, and in the end left out.
    private async Task<Step<IngestState>> TellAsync(RunContext<IngestState> context, CancellationToken cancel)
    {
        if (context.State.Report is not { Status: DropStatus.Stored, Version: { } version } report) return Step<IngestState>.Next(context.State);
        var commit = (await history.CommitsAsync(context.State.Dataset, cancel))[version - 1];
        if (signals is not null && await GetAsync<CutDrop>(CutPath(context.RunId), cancel) is { } drop) await signals.PublishAsync(DropSignals.Of(drop, commit, context.RunId), cancel);
        var remarks = new List<string>();
        foreach (var observer in observers)
        {
            try
            {
                remarks.AddRange(await observer.ObserveAsync(commit, context.RunId, cancel));
            }
            catch (Exception e) when (!cancel.IsCancellationRequested && (e is ServerlessException || context.Attempt >= MostTellings))
            {
                remarks.Add($"{observer.Name}: not looked at, because {e.Message}");
            }
        }

        return Step<IngestState>.Next(context.State with { Report = report with { Remarks = [.. remarks.Take(MostListed / 10)] } });
    }

    private MergedChecks Merged => new(checks, objects, engine, time);

    private static Step<IngestState> Finish(IngestState state, DropReport report) => Step<IngestState>.Next(state with { Report = report });

    private static Step<IngestState> Changed(RunContext<IngestState> context)
    {
        const string reason = "the file changed while it was read; it seems to be still being written";
        return context.Attempt < MostAttempts ? Step<IngestState>.Later(context.State, UntilItRests, reason)
            : Step<IngestState>.End(context.State with
            {
                Report = Rejected(context, $"{reason}. It was tried {MostAttempts} times and stays in landing: write it elsewhere and move it there when it is complete."),
            }, reason);
    }

    private static DropReport Rejected(RunContext<IngestState> context, string reason) =>
        new() { File = FileOf(context.State), Status = DropStatus.Rejected, Run = context.RunId, Reason = reason };

    private static DropReport Duplicate(RunContext<IngestState> context, Commit there) => new()
    {
        File = FileOf(context.State),
        Status = DropStatus.Duplicate,
        Run = context.RunId,
        Version = there.Version,
        Partitions = [.. there.Partitions.Take(MostListed).Select(p => new StoredPartition(p.Id, p.Key, p.Rows))],
        Reason = $"the same bytes are in version {there.Version} of the dataset, written {there.WrittenAt:yyyy-MM-dd HH:mm:ss} UTC from '{there.File}'.",
    };

    private static string FileOf(IngestState state) => state.Key[(state.Key.LastIndexOf('/') + 1)..];

    private static string CutPath(string run) => $"{StoreNames.Containers.Runs}/{run}/drop.json";

    private async Task PutAsync<T>(string key, T value, CancellationToken cancel)
    {
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(value, ServerlessJson.Options));
        await objects.PutAsync(key, content, cancel);
    }

    private async Task<T?> GetAsync<T>(string key, CancellationToken cancel) where T : class
    {
        await using var stream = await objects.OpenReadAsync(key, cancel);
        return stream is null ? null : await JsonSerializer.DeserializeAsync<T>(stream, ServerlessJson.Options, cancel);
    }

    private sealed class ReadingProgress(IProgress<RunProgress> to, string file) : IProgress<double>
    {
        public void Report(double value) => to.Report(new RunProgress($"reading {file}", value));
    }
}
