using System.Text.Json;
using Serverless.Erasure;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Replay;

/// <summary>
/// The way back from quarantine, once the contract was mended: rows that fit now become a drop, which the ordinary ingest takes; then they leave quarantine, and the others
/// stay with what is wrong with them now. Each row is stored once, wherever the run is killed.
/// </summary>
internal sealed class ReplayRun(
    Workspace workspace, IObjectStore objects, IQuarantineJudge judge, IDropInbox inbox, IRunEngine runs, QuarantineClaims claims) : IRunDefinition<ReplayState>
{
    public string Kind => "replay";

    public string Subject(ReplayState state) => state.Dataset;

    public IReadOnlyList<Transition<ReplayState>> Transitions =>
    [
        new("requested", "landed", LandAsync),
        new("landed", "stored", IngestAsync),
        new("stored", "done", SettleAsync),
    ];

    private async Task<Step<ReplayState>> LandAsync(RunContext<ReplayState> context, CancellationToken cancel)
    {
        var state = context.State;
        var plan = await ReadPlanAsync(context.RunId, cancel) ?? await PlanAsync(context, cancel);
        var next = state with
        {
            Report = new ReplayReport { Dataset = state.Dataset, Run = context.RunId, Quarantined = plan.Files.Sum(f => f.Fit + f.Left), Stored = 0, Left = plan.Files.Sum(f => f.Left) },
        };
        return Step<ReplayState>.Next(plan.Drop is null ? next : next with { Ingest = await inbox.AcceptAsync(state.Dataset, plan.Drop, state.By, append: true, cancel) });
    }

    private async Task<Step<ReplayState>> IngestAsync(RunContext<ReplayState> context, CancellationToken cancel)
    {
        if (context.State.Ingest is not { } ingest) return Step<ReplayState>.Next(context.State);
        var run = await runs.DriveAsync(ingest, context.Progress, cancel);
        if (run.Status == RunStatus.Failed) throw new DataException($"the rows that fit were not stored, and stay in quarantine: {run.Reason} (run {run.Id})");
        var report = run.Data.Deserialize<IngestState>(ServerlessJson.Options)?.Report;
        if (report is not { Status: DropStatus.Stored or DropStatus.Duplicate }) throw new DataException($"the rows that fit were not stored, and stay in quarantine: {report?.Reason ?? run.Reason} (run {run.Id})");
        return Step<ReplayState>.Next(context.State with
        {
            Report = context.State.Report! with { Stored = report.Partitions.Sum(p => p.Rows), Partitions = report.Partitions, Version = report.Version },
        });
    }

    private async Task<Step<ReplayState>> SettleAsync(RunContext<ReplayState> context, CancellationToken cancel)
    {
        var plan = await ReadPlanAsync(context.RunId, cancel) ?? throw new ObjectMissingException(PlanKey(context.RunId));
        foreach (var file in plan.Files)
        {
            // Another ETag: it was settled by an attempt before, or somebody erased rows from it, and what is left now is theirs to say.
            if (await objects.HeadAsync(file.Key, cancel) is not { } now || now.ETag != file.ETag) continue;
            if (file.LeftKey is null)
            {
                await objects.DeleteAsync(file.Key, cancel);
                continue;
            }

            await using var left = await objects.OpenReadAsync(file.LeftKey, cancel) ?? throw new ObjectMissingException(file.LeftKey);
            await objects.ReplaceAsync(file.Key, left, file.ETag, cancel);
        }

        foreach (var key in plan.Files.Select(f => f.LeftKey).OfType<string>()) await objects.DeleteAsync(key, cancel);
        return Step<ReplayState>.Next(context.State);
    }

    private async Task<ReplayPlan> PlanAsync(RunContext<ReplayState> context, CancellationToken cancel)
    {
        var dataset = workspace.Dataset(context.State.Dataset);
        var scratch = Directory.CreateTempSubdirectory("serverless-replay-").FullName;
        var files = new List<LocalObject>();
        try
        {
            await foreach (var found in QuarantinedRows.ListAsync(objects, dataset.Name, cancel))
            {
                if (await claims.ClaimAsync(dataset.Name, found, context.RunId, context.State.By, cancel)) files.Add(await objects.MaterialiseAsync(found.Key, cancel));
            }

            var judged = await judge.JudgeAsync([.. files.Select(f => f.Path)], dataset, context.CreatedAt, context.RunId, scratch, cancel);
            var replayed = new List<ReplayedFile>(files.Count);
            foreach (var (file, rows) in files.Zip(judged.Files))
            {
                // A file of which no row fits stays as it is: what it says is what was wrong when it came.
                if (rows.Fit == 0)
                {
                    replayed.Add(new ReplayedFile(file.Info.Key, "", 0, rows.Left, null));
                    continue;
                }

                var leftKey = rows.Path is null ? null : $"{StoreNames.Containers.Runs}/{context.RunId}/{Path.GetFileName(rows.Path)}";
                if (leftKey is not null) await PutAsync(leftKey, rows.Path!, cancel);
                replayed.Add(new ReplayedFile(file.Info.Key, file.Info.ETag, rows.Fit, rows.Left, leftKey));
            }

            string? drop = null;
            if (judged.Drop is { } path)
            {
                drop = $"{StoreNames.Containers.Landing}/{dataset.Name}/{context.RunId}.parquet";
                await PutAsync(drop, path, cancel);
            }

            var plan = new ReplayPlan { Drop = drop, Files = replayed };
            using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(plan, ServerlessJson.Options));
            await objects.PutIfAbsentAsync(PlanKey(context.RunId), content, cancel);
            return (await ReadPlanAsync(context.RunId, cancel))!;
        }
        finally
        {
            files.ForEach(f => f.Dispose());
            Directory.Delete(scratch, recursive: true);
        }
    }

    private async Task PutAsync(string key, string path, CancellationToken cancel)
    {
        await using var content = File.OpenRead(path);
        await objects.PutIfAbsentAsync(key, content, cancel);
    }

    private async Task<ReplayPlan?> ReadPlanAsync(string run, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(PlanKey(run), cancel);
        return stream is null ? null : await JsonSerializer.DeserializeAsync<ReplayPlan>(stream, ServerlessJson.Options, cancel);
    }

    private static string PlanKey(string run) => $"{StoreNames.Containers.Runs}/{run}/replay.json";
}
