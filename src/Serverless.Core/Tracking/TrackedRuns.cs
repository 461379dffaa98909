using System.Text.Json;
using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Search;
using Serverless.Storage;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Tracking;

internal sealed class TrackedRuns(IRunEngine runs, RunNotesStore notes, CandidateStore candidates, IObjectStore objects, Workspace workspace, TimeProvider time) : ITrackedRuns
{
    public async Task<IReadOnlyList<TrackedRun>> ListAsync(RunQuery query, CancellationToken cancel = default)
    {
        var written = new Dictionary<string, IReadOnlyDictionary<string, RunNotes>>(StringComparer.Ordinal);
        var (found, past) = (new List<TrackedRun>(), query.After is null || query.Sort is not null);
        await foreach (var run in runs.ListAsync(query.Kind, query.Subject, cancel))
        {
            if (run.CreatedAt < query.Since) break; // newest first: all that follow are older
            if (query.Status is { } status && run.Status != status) continue;
            if (query.State is { } state && run.State != state) continue;
            if (!written.TryGetValue(run.Kind, out var ofKind)) written[run.Kind] = ofKind = await notes.OfKindAsync(run.Kind, cancel);
            var tracked = Track(run, ofKind.GetValueOrDefault(run.Id) ?? new RunNotes());
            if (!query.Tags.All(t => Has(tracked.Notes, t)) || (query.Sort is { } metric && !tracked.Metrics.ContainsKey(metric))) continue;
            if (past) found.Add(tracked);
            else past = run.Id == query.After;
            if (query.Sort is null && found.Count == query.Limit) break;
        }

        if (!past) throw NotInList(query.After!);
        if (query.Sort is not { } by || found.Count == 0) return found;
        var sorted = (MoreIsBetter(found[0].Run, by) ? found.OrderByDescending(r => r.Metrics[by]) : found.OrderBy(r => r.Metrics[by])).ToList();
        if (query.After is { } after) sorted.RemoveRange(0, sorted.FindIndex(r => r.Run.Id == after) is >= 0 and var at ? at + 1 : throw NotInList(after));
        return [.. sorted.Take(query.Limit)];
    }

    private static RequestException NotInList(string after) => new($"'{after}' is not a run of this list. Start again without it.");

    public async Task<TrackedRun> GetAsync(string run, CancellationToken cancel = default)
    {
        var record = await runs.FindAsync(run, cancel) ?? throw new RequestException($"there is no run '{run}'. 'serverless-ml runs' lists them.");
        return Track(record, await notes.FindAsync(record.Kind, run, cancel));
    }

    public async Task<TrainingResult?> TrainingAsync(string run, CancellationToken cancel = default)
    {
        await GetAsync(run, cancel);
        return await candidates.FindAsync(run, cancel);
    }

    public async Task<RunNotes> NoteAsync(string run, string text, string by, CancellationToken cancel = default) =>
        await notes.NoteAsync((await GetAsync(run, cancel)).Run.Kind, run, new RunNote(time.GetUtcNow(), by, text), cancel);

    public async Task<RunNotes> TagAsync(string run, IReadOnlyDictionary<string, string?> tags, CancellationToken cancel = default) => await notes.TagAsync((await GetAsync(run, cancel)).Run.Kind, run, tags, cancel);

    public async Task<IReadOnlyList<RunArtifact>> ArtifactsAsync(string run, CancellationToken cancel = default)
    {
        await GetAsync(run, cancel);
        var (prefix, found) = ($"{StoreNames.Containers.Runs}/{run}/", new List<RunArtifact>());
        await foreach (var info in objects.ListAsync(prefix, cancel: cancel)) found.Add(new RunArtifact(info.Key[prefix.Length..], info.Size, info.Modified));
        return found;
    }

    public async Task<RunComparison> CompareAsync(string left, string right, CancellationToken cancel = default)
    {
        async Task<ComparedRun> Of(string id)
        {
            var (tracked, training) = (await GetAsync(id, cancel), await candidates.FindAsync(id, cancel));
            var trial = tracked.Run.Kind == TrialRecords.Kind ? tracked.Run.Data.Deserialize<TrialState>(ServerlessJson.Options) : null;
            return new ComparedRun(tracked, training, await candidates.DefinitionAsync(id, cancel), training is not null ? RunInput.Of(training) : trial is not null ? RunInput.Of(trial) : null);
        }

        return RunComparison.Of(await Of(left), await Of(right), (run, metric) => MoreIsBetter(run, metric));
    }

    private static TrackedRun Track(RunRecord run, RunNotes notes) => new(run, notes)
    {
        Metrics = run.Data.ValueKind == JsonValueKind.Object && run.Data.TryGetProperty("report", out var report) && report.ValueKind == JsonValueKind.Object
            && report.TryGetProperty("metrics", out var metrics) && metrics.ValueKind == JsonValueKind.Object
            ? metrics.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.Number).ToDictionary(m => m.Name, m => m.Value.GetDouble()) : new Dictionary<string, double>(),
    };

    private static bool Has(RunNotes notes, string tag) =>
        tag.Split('=', 2) is [var key, var value] ? notes.Tags.TryGetValue(key, out var own) && own == value : notes.Tags.ContainsKey(tag);

    // A metric of the model's own has the direction that the model file gives it now.
    private bool MoreIsBetter(RunRecord run, string metric) =>
        workspace.Models.TryGetValue(run.Subject, out var model) && MetricCatalogue.Find(model, metric) is { } own ? own.MoreIsBetter
        : Enum.GetValues<TaskKind>().Select(t => MetricCatalogue.Find(t, metric)).FirstOrDefault(m => m is not null)?.MoreIsBetter ?? true;
}
