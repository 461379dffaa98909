using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Scoring;

internal sealed class Batches(Workspace workspace, IObjectStore objects, IRecordStore records, IRunEngine runs, TimeProvider time, IdSource ids) : IBatches
{
    public Task<string> StartAsync(BatchRequest request, CancellationToken cancel = default) => runs.StartAsync(State(request), null, cancel);

    /// <summary>Starts the run of a cause, of a version of the dataset.</summary>
    public Task<string> StartAsync(BatchRequest request, int datasetVersion, string id, CancellationToken cancel) => runs.StartAsync(State(request) with { DatasetVersion = datasetVersion }, id, cancel);

    public async Task<string> StartAsync(BatchRequest request, string fileName, Stream content, CancellationToken cancel = default)
    {
        Plain(fileName);
        var state = State(request);
        var run = RunIds.New("score", time.GetUtcNow(), ids);
        var key = BatchKeys.Source(run, fileName);
        var info = await objects.PutAsync(key, content, cancel);
        return await runs.StartAsync(state with { Object = key, ETag = info.ETag }, run, cancel);
    }

    public async Task<string> AcceptAsync(string key, CancellationToken cancel = default)
    {
        var model = ScoreInbox.ModelOf(key) ?? throw new RequestException($"'{key}' is no file to be scored: those lie directly in '{ScoreInbox.Key("<model>", "<file>")}'.");
        workspace.Model(model);
        var info = await objects.HeadAsync(key, cancel) ?? throw new RequestException($"there is no file '{key}'.");
        var record = await ClaimAsync(info, cancel);
        return await runs.StartAsync(State(new BatchRequest { Model = model, By = record.By, Object = key }) with { ETag = info.ETag }, record.Run, cancel);
    }

    public async Task<string> PutAsync(string model, string fileName, Stream content, CancellationToken cancel = default)
    {
        workspace.Model(model);
        Plain(fileName);
        var key = ObjectKey.Check(ScoreInbox.Key(model, fileName));
        await objects.PutAsync(key, content, cancel);
        return await AcceptAsync(key, cancel);
    }

    public async IAsyncEnumerable<Batch> ListAsync(string model, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var run in runs.ListAsync("score", model, cancel))
        {
            if (run.Data.Deserialize<ScoreState>(ServerlessJson.Options) is { } state) yield return new Batch(run.Id, run.Status, run.Reason, run.CreatedAt, state);
        }
    }

    private ScoreState State(BatchRequest request)
    {
        var terms = workspace.Models.TryGetValue(request.Model, out var model) ? model.Batch : null;
        return new ScoreState
        {
            Model = request.Model, By = request.By, Version = request.Version, Object = request.Object, From = request.From, To = request.To, After = request.After, Key = request.Key ?? terms?.Key ?? [],
            Inputs = request.Inputs ?? terms?.Inputs ?? true, Precompute = request.Precompute ?? (request.Object is null && terms?.Precompute == true), MaxAge = terms?.MaxAge, PartRows = terms?.PartRows,
        };
    }

    private Task<DropRecord> ClaimAsync(ObjectInfo info, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        return LandedFiles.ClaimAsync(records, ScoreInbox.Folder, new DropRecord { Key = info.Key, ETag = info.ETag, Run = RunIds.New("score", now, ids), By = "drop", ArrivedAt = now }, "file", cancel);
    }

    private static void Plain(string fileName) => LandedFiles.RequirePlainName(fileName, "a file to be scored");
}
