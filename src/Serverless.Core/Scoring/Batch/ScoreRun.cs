using System.Globalization;
using System.Text.Json;
using Serverless.Arrival;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Scoring;

/// <summary>
/// Batch scoring of a file or of partitions. The first step writes down which version of the model and of the data it is, the second how the rows are cut; so the others give the same answers however often they are
/// repeated. Parts are runs of their own that any worker takes; this run takes those that nobody has. Everything is put if absent under names that follow from the run, so each row is answered once.
/// </summary>
internal sealed class ScoreRun(
    Workspace workspace, IModelRegistry registry, IDatasetHistory history, IObjectStore objects, DataNotes notes, BatchSplitter splitter, PartScorer scorer, BatchPartsStore store,
    Precomputed precomputed, IRunEngine engine, TimeProvider time) : IRunDefinition<ScoreState>
{
    /// <summary>A step comes to an end now and then, for hosts that limit how long one may take.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    public string Kind => "score";

    public string Subject(ScoreState state) => state.Model;

    public IReadOnlyList<Transition<ScoreState>> Transitions =>
    [
        new("received", "pinned", PinAsync),
        new("pinned", "cut", Told(CutAsync)),
        new("cut", "scored", Told(ScoreAsync)),
        new("scored", "served", Told(ServeAsync)),
        new("served", "done", TidyAsync),
    ];

    private async Task<Step<ScoreState>> PinAsync(RunContext<ScoreState> context, CancellationToken cancel)
    {
        var state = context.State;
        if (workspace.Models.GetValueOrDefault(state.Model)?.Segments is { } segments && state.Version is null)
        {
            return Step<ScoreState>.Fail(state, $"model '{state.Model}' has segments, between which a batch does not choose: name a version of the default '{segments.Default}', or score a segment ({string.Join(", ", segments.Parts.Select(p => Models.SegmentsDefinition.NameOf(state.Model, p.Name)))})");
        }

        var version = state.Version ?? await registry.AliasAsync(state.Model, Alias.Champion, cancel);
        if (version is null) return Step<ScoreState>.Fail(state, $"model '{state.Model}' has no champion to score with; train it, or name a version");
        if (await registry.FindAsync(state.Model, version.Value, cancel) is not { } found)
        {
            return Step<ScoreState>.Fail(state, $"model '{state.Model}' has no version {version}");
        }

        if (state.Precompute && state.Key.Count == 0) return Step<ScoreState>.Fail(state, "predictions that are served by key need one: name its columns");
        try
        {
            PartScorer.CheckKey(found.Schema, state.Key);
        }
        catch (DataException e)
        {
            return Step<ScoreState>.Fail(state, e.Message);
        }

        if (await notes.LookAsync(state.Model, cancel) is { } note)
        {
            if (note.Refusal is { } refusal) return Step<ScoreState>.Fail(state, $"nothing is predicted from old data: {refusal}");
            state = state with { Notes = note.Texts };
        }

        state = state with { Version = version };
        if (state.Object is { } key)
        {
            if (await objects.HeadAsync(key, cancel) is not { } info) return Step<ScoreState>.Fail(state, $"object '{key}' does not exist");
            return state.ETag is { } before && before != info.ETag ? Step<ScoreState>.Fail(state, BatchSplitter.Replaced(key).Message) : Step<ScoreState>.Next(state with { ETag = info.ETag });
        }

        if (!workspace.Models.TryGetValue(state.Model, out var model)) return Step<ScoreState>.Fail(state, $"model '{state.Model}' is not in this workspace, so its dataset is not known; name a file");
        var commits = await history.CommitsAsync(model.Dataset, cancel);
        if (commits.Count == 0) return Step<ScoreState>.Fail(state, $"dataset '{model.Dataset}' has no partitions to score");
        return Step<ScoreState>.Next(state with { DatasetVersion = state.DatasetVersion ?? commits[^1].Version });
    }

    private async Task<Step<ScoreState>> CutAsync(RunContext<ScoreState> context, CancellationToken cancel)
    {
        var state = context.State;
        var schema = (await registry.FindAsync(state.Model, state.Version!.Value, cancel) ?? throw new DataException($"model '{state.Model}' has no version {state.Version} any more")).Schema;
        var columns = PartScorer.Columns(schema, state.Key);
        var (size, watcher) = (state.PartRows ?? splitter.PartRows(schema), Watch(context, "cutting"));
        var parts = state.Object is not null
            ? await splitter.OfFileAsync(context.RunId, state, columns, size, watcher, cancel)
            : await splitter.OfPartitionsAsync(context.RunId, workspace.Model(state.Model).Dataset, new PartitionQuery { AsOf = AsOf.AtVersion(state.DatasetVersion!.Value), From = state.From, To = state.To },
                state.After, [.. columns.Where(c => c.Lookup is null)], size, watcher, cancel);
        if (parts.Parts.Count == 0) return Step<ScoreState>.Fail(state, state.Object is null ? "no partition is in that period, or none is new: there is nothing to score" : "there are no rows to score");
        await store.WriteAsync(context.RunId, parts, cancel);
        return Step<ScoreState>.Next(state with { Parts = parts.Parts.Count });
    }

    private async Task<Step<ScoreState>> ScoreAsync(RunContext<ScoreState> context, CancellationToken cancel)
    {
        var (state, parts) = (context.State, await store.ReadAsync(context.RunId, cancel));
        if (parts.Parts.Count == 1)
        {
            var only = await scorer.ScoreAsync(context.RunId, state, parts.Parts[0], 0, context.CreatedAt, Watch(context, "scoring"), cancel);
            return Step<ScoreState>.Next(state with { Report = Report(context.RunId, state, parts, [only]) });
        }

        var began = time.GetTimestamp();
        var reports = new PartReport?[parts.Parts.Count];
        for (var part = 0; part < reports.Length; part++) await BeginAsync(context, part, cancel);
        // Workers take the parts' messages from the first on; this run begins at the other end, so that they rarely meet.
        for (var part = reports.Length - 1; part >= 0; part--)
        {
            var id = PartId(context, part);
            if (await engine.FindAsync(id, cancel) is not { } run) throw new InvalidOperationException($"run '{id}' is gone");
            if (run.Status == RunStatus.Running && (run.HeldBy is null || run.HeldUntil <= time.GetUtcNow()))
            {
                if (time.GetElapsedTime(began) > Longest) return Step<ScoreState>.Later(state, TimeSpan.FromMilliseconds(1), $"{reports.Count(r => r is not null)} parts of {reports.Length} were scored so far");
                run = await engine.DriveAsync(id, null, cancel);
            }

            if (run.Status == RunStatus.Running) continue;
            if (run.Data.Deserialize<ScorePartState>(ServerlessJson.Options)?.Report is not { } report) return Step<ScoreState>.Fail(state, $"part {part + 1} of {reports.Length}: {run.Reason}");
            reports[part] = report;
            context.Progress?.Report(new RunProgress($"scoring, {reports.Length} parts", reports.Count(r => r is not null) / (double)reports.Length));
        }

        var done = reports.OfType<PartReport>().ToArray();
        return done.Length < reports.Length ? Step<ScoreState>.Later(state, Look, $"{done.Length} of {reports.Length} parts are scored")
            : Step<ScoreState>.Next(state with { Report = Report(context.RunId, state, parts, done) });
    }

    private async Task BeginAsync(RunContext<ScoreState> context, int part, CancellationToken cancel)
    {
        var id = PartId(context, part);
        await engine.StartAsync(new ScorePartState { Run = context.RunId, Part = part, At = context.CreatedAt, Batch = context.State }, id, cancel);
    }

    private static string PartId(RunContext<ScoreState> context, int part) => RunIds.Derived(ScorePartRun.Name, context.CreatedAt, context.RunId, part.ToString(CultureInfo.InvariantCulture));

    private static ScoreReport Report(string run, ScoreState state, BatchParts cut, IReadOnlyList<PartReport> parts) =>
        new(state.Model, state.Version!.Value, BatchKeys.Predictions(run, parts.Count), parts.Sum(p => p.Rows), parts.Sum(p => p.WithoutAnswer))
        {
            Notes = state.Notes, Files = [.. parts.Select((_, i) => BatchKeys.Predictions(run, i, parts.Count))], Rejected = cut.Rejected + parts.Sum(p => p.Rejected),
            Rejects = [.. cut.Rejects, .. parts.Select(p => p.Rejects).OfType<string>()],
        };

    private async Task<Step<ScoreState>> ServeAsync(RunContext<ScoreState> context, CancellationToken cancel)
    {
        var state = context.State;
        if (!state.Precompute) return Step<ScoreState>.Next(state);
        context.Progress?.Report(new RunProgress("precomputing", null));
        var keys = await precomputed.WriteAsync(context.RunId, state, context.CreatedAt, cancel);
        return keys is null ? Step<ScoreState>.End(state, "later predictions are served already; these are stored") : Step<ScoreState>.Next(state with { Report = state.Report! with { Keys = keys } });
    }

    // Rows that were only kept to be scored are kept no longer, and a file of the inbox goes with its run.
    private async Task<Step<ScoreState>> TidyAsync(RunContext<ScoreState> context, CancellationToken cancel)
    {
        if (context.State.Object is { } source && ScoreInbox.ModelOf(source) is not null && await objects.HeadAsync(source, cancel) is { } info && info.ETag == context.State.ETag)
        {
            await using (var content = await objects.OpenReadAsync(source, cancel) ?? throw new ObjectMissingException(source)) await objects.PutIfAbsentAsync(BatchKeys.Source(context.RunId, BatchSplitter.Name(source)), content, cancel);
            await objects.DeleteAsync(source, cancel);
        }

        var gone = new List<string>();
        await foreach (var found in objects.ListAsync(BatchKeys.Inputs(context.RunId), cancel: cancel)) gone.Add(found.Key);
        foreach (var key in gone) await objects.DeleteAsync(key, cancel);
        return Step<ScoreState>.Next(context.State);
    }

    // What no retry mends ends the run with its reason.
    private static Func<RunContext<ScoreState>, CancellationToken, Task<Step<ScoreState>>> Told(Func<RunContext<ScoreState>, CancellationToken, Task<Step<ScoreState>>> step) => async (context, cancel) =>
    {
        try
        {
            return await step(context, cancel);
        }
        catch (Exception e) when (e is DataException or RequestException)
        {
            return Step<ScoreState>.Fail(context.State, e.Message);
        }
    };

    private static Forward? Watch(RunContext<ScoreState> context, string activity) => context.Progress is { } watcher ? new Forward(watcher, activity) : null;

    private sealed class Forward(IProgress<RunProgress> watcher, string activity) : IProgress<double>
    {
        public void Report(double value) => watcher.Report(new RunProgress(activity, value));
    }
}
