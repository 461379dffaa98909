using System.Text.Json;
using Serverless.Storage;

namespace Serverless.Web.Mlflow;

/// <summary>Experiments, runs, metrics and lists of artifacts (mlflow/protos/service.proto).</summary>
internal sealed class MlflowTrackingApi(MlflowTracking tracking, OwnRuns own, MlflowLoggedModels models, IObjectStore objects, TimeProvider time)
{
    private const int KeyLength = 250, ValueLength = 6000, TagLength = 8000;
    private const int MostMetrics = 1000, MostPairs = 100, MostInAll = 1000;

    public IEnumerable<KeyValuePair<string, MlflowCall>> Calls => new Dictionary<string, MlflowCall>
    {
        ["POST experiments/create"] = new(CreateExperimentAsync),
        ["GET experiments/get"] = new(async (r, c) => new { Experiment = await ExperimentAsync(r.Required("experiment_id"), c) }),
        ["GET experiments/get-by-name"] = new(GetByNameAsync),
        ["POST experiments/search"] = new(SearchExperimentsAsync),
        ["GET experiments/search"] = new(SearchExperimentsAsync),
        ["GET experiments/list"] = new(SearchExperimentsAsync),
        ["POST experiments/delete"] = new((r, c) => ChangeExperimentAsync(r, e => e with { LifecycleStage = MlflowStage.Deleted }, c)),
        ["POST experiments/restore"] = new((r, c) => ChangeExperimentAsync(r, e => e with { LifecycleStage = MlflowStage.Active }, c)),
        ["POST experiments/update"] = new(RenameExperimentAsync),
        ["POST experiments/set-experiment-tag"] = new((r, c) => ChangeExperimentAsync(r, e => e with { Tags = With(e.Tags, [Tag(r)]) }, c)),
        ["POST experiments/delete-experiment-tag"] = new((r, c) => ChangeExperimentAsync(r, e => e with { Tags = [.. e.Tags.Where(t => t.Key != r.Required("key"))] }, c)),
        ["DELETE experiments/delete-experiment-tag"] = new((r, c) => ChangeExperimentAsync(r, e => e with { Tags = [.. e.Tags.Where(t => t.Key != r.Required("key"))] }, c)),
        ["POST runs/create"] = new(CreateRunAsync),
        ["GET runs/get"] = new(async (r, c) => new { Run = await RunAsync(RunId(r), c) }),
        ["POST runs/update"] = new(UpdateRunAsync),
        ["POST runs/delete"] = new((r, c) => StageAsync(r, MlflowStage.Deleted, c)),
        ["POST runs/restore"] = new((r, c) => StageAsync(r, MlflowStage.Active, c)),
        ["POST runs/search"] = new(SearchRunsAsync),
        ["POST runs/log-metric"] = new(async (r, c) =>
        {
            var metric = MlflowRequest.Metric(r.Root, Now);
            var answer = await LogAsync(RunId(r), [metric], [], [], c);
            await OfModelsAsync([(ModelOf(r.Root), metric)], c);
            return answer;
        }),
        ["POST runs/log-parameter"] = new((r, c) => LogAsync(RunId(r), [], [new MlflowPair(r.Required("key"), r.Text("value") ?? "")], [], c)),
        ["POST runs/set-tag"] = new((r, c) => LogAsync(RunId(r), [], [], [Tag(r)], c)),
        ["POST runs/delete-tag"] = new(DeleteTagAsync),
        ["POST runs/log-batch"] = new(LogBatchAsync),
        ["POST runs/log-inputs"] = new(LogInputsAsync),
        ["POST runs/log-model"] = new(LogModelAsync),
        ["GET metrics/get-history"] = new(HistoryAsync),
        ["GET artifacts/list"] = new(ListArtifactsAsync),
        ["POST runs/outputs"] = new(LogOutputsAsync),
    };

    private async Task<object> CreateExperimentAsync(MlflowRequest request, CancellationToken cancel)
    {
        var name = request.Required("name");
        if (name.Length > 500) throw MlflowException.Invalid("'name' exceeds the maximum length of 500 characters");
        if (await own.FindExperimentByNameAsync(name, cancel) is not null) throw MlflowException.Exists($"Experiment(name={name}) already exists.");
        var made = await tracking.CreateExperimentAsync(name, request.Text("artifact_location"), Checked(request.Pairs("tags"), "tag", TagLength), cancel);
        return new { made.ExperimentId };
    }

    private async Task<object> GetByNameAsync(MlflowRequest request, CancellationToken cancel)
    {
        var name = request.Required("experiment_name");
        return new
        {
            Experiment = await own.FindExperimentByNameAsync(name, cancel) ?? await tracking.FindExperimentByNameAsync(name, cancel)
                ?? throw MlflowException.Missing($"Could not find experiment with name '{name}'"),
        };
    }

    private async Task<object> SearchExperimentsAsync(MlflowRequest request, CancellationToken cancel)
    {
        var all = new List<MlflowExperiment>(await own.ExperimentsAsync(cancel));
        await foreach (var experiment in tracking.ExperimentsAsync(cancel)) all.Add(experiment);
        var wanted = all.Where(e => Viewed(request.Text("view_type"), e.LifecycleStage));
        var page = MlflowSearch.Experiments(wanted, request.Text("filter"), request.Texts("order_by"), request.Most(1000, 50_000), request.Text("page_token"));
        return new { Experiments = page.Items, NextPageToken = page.Next };
    }

    private async Task<object> ChangeExperimentAsync(MlflowRequest request, Func<MlflowExperiment, MlflowExperiment> change, CancellationToken cancel)
    {
        await tracking.ChangeExperimentAsync(await ForeignExperimentAsync(request.Required("experiment_id"), cancel), change, cancel);
        return new { };
    }

    private async Task<object> RenameExperimentAsync(MlflowRequest request, CancellationToken cancel)
    {
        var id = await ForeignExperimentAsync(request.Required("experiment_id"), cancel);
        var name = request.Required("new_name");
        if (await own.FindExperimentByNameAsync(name, cancel) is not null) throw MlflowException.Exists($"Experiment(name={name}) already exists.");
        var experiment = await ExperimentAsync(id, cancel);
        if (experiment.LifecycleStage != MlflowStage.Active) throw new MlflowException("INVALID_STATE", "Cannot rename experiment in non-active lifecycle stage. Current stage: deleted");
        await tracking.RenameExperimentAsync(experiment, name, cancel);
        return new { };
    }

    private async Task<object> CreateRunAsync(MlflowRequest request, CancellationToken cancel)
    {
        var id = await ForeignExperimentAsync(request.Text("experiment_id") is { Length: > 0 } given ? given : MlflowTracking.DefaultExperiment, cancel);
        if ((await ExperimentAsync(id, cancel)).LifecycleStage != MlflowStage.Active) throw MlflowException.Invalid($"The experiment {id} must be in the 'active' state. Current state is deleted.");
        var tags = Checked(request.Pairs("tags"), "tag", TagLength);
        var user = request.Text("user_id") is { Length: > 0 } u ? u : tags.FirstOrDefault(t => t.Key == "mlflow.user")?.Value ?? "";
        var name = request.Text("run_name") is { Length: > 0 } n ? n : tags.FirstOrDefault(t => t.Key == "mlflow.runName")?.Value;
        name ??= $"run-{Now() % 1_000_000:D6}";
        return new { Run = await tracking.CreateRunAsync(id, user, name, request.Whole("start_time"), With(tags, [new MlflowPair("mlflow.runName", name)]), cancel) };
    }

    private async Task<object> UpdateRunAsync(MlflowRequest request, CancellationToken cancel)
    {
        var id = await ForeignRunAsync(RunId(request), cancel);
        var (status, end, name) = (Status(request.Text("status")), request.Whole("end_time"), request.Text("run_name"));
        var run = await tracking.ChangeRunAsync(id, r => Active(r) with
        {
            Info = r.Info with { Status = status ?? r.Info.Status, EndTime = end is > 0 ? end : r.Info.EndTime, RunName = string.IsNullOrEmpty(name) ? r.Info.RunName : name },
            Data = string.IsNullOrEmpty(name) ? r.Data : r.Data with { Tags = With(r.Data.Tags, [new MlflowPair("mlflow.runName", name)]) },
        }, cancel);
        return new { RunInfo = run.Info };
    }

    private async Task<object> StageAsync(MlflowRequest request, string stage, CancellationToken cancel)
    {
        await tracking.ChangeRunAsync(await ForeignRunAsync(RunId(request), cancel), r => r with { Info = r.Info with { LifecycleStage = stage } }, cancel);
        return new { };
    }

    private async Task<object> SearchRunsAsync(MlflowRequest request, CancellationToken cancel)
    {
        var experiments = request.Texts("experiment_ids");
        var found = new List<MlflowRun>();
        foreach (var id in experiments.Distinct())
        {
            await foreach (var run in OwnRuns.ModelOf(id) is null ? tracking.RunsAsync(id, cancel) : own.RunsAsync(id, cancel)) found.Add(run);
        }

        var wanted = found.Where(r => Viewed(request.Text("run_view_type"), r.Info.LifecycleStage));
        var page = MlflowSearch.Runs(wanted, request.Text("filter"), request.Texts("order_by"), request.Most(1000, 50_000), request.Text("page_token"));
        return new { Runs = page.Items, NextPageToken = page.Next };
    }

    private async Task<object> LogBatchAsync(MlflowRequest request, CancellationToken cancel)
    {
        var (metrics, parameters, tags) = (request.Items("metrics").Select(m => MlflowRequest.Metric(m, Now)).ToArray(), request.Pairs("params"), request.Pairs("tags"));
        if (metrics.Length > MostMetrics || parameters.Count > MostPairs || tags.Count > MostPairs || metrics.Length + parameters.Count + tags.Count > MostInAll)
        {
            throw MlflowException.Invalid($"A batch logging request can contain at most {MostMetrics} metrics, {MostPairs} params and {MostPairs} tags, {MostInAll} in all. "
                + $"Got {metrics.Length} metrics, {parameters.Count} params and {tags.Count} tags.");
        }

        var answer = await LogAsync(RunId(request), metrics, parameters, tags, cancel);
        await OfModelsAsync(request.Items("metrics").Select(ModelOf).Zip(metrics), cancel);
        return answer;
    }

    // All or nothing: the parameters are judged within the change of the run, before any metric is kept.
    private async Task<object> LogAsync(string id, IReadOnlyList<MlflowMetric> metrics, IReadOnlyList<MlflowPair> parameters, IReadOnlyList<MlflowPair> tags, CancellationToken cancel)
    {
        await ForeignRunAsync(id, cancel);
        foreach (var metric in metrics.Where(m => m.Key.Length > KeyLength)) throw MlflowException.Invalid($"Metric name '{metric.Key[..50]}...' exceeds the maximum length of {KeyLength} characters");
        Checked(parameters, "parameter", ValueLength);
        Checked(tags, "tag", TagLength);
        if (parameters.GroupBy(p => p.Key).FirstOrDefault(g => g.Select(p => p.Value).Distinct().Count() > 1) is { } twice) throw MlflowException.Invalid($"Duplicate parameter keys have been submitted: {twice.Key}");
        await tracking.ChangeRunAsync(id, run => Active(run) with
        {
            Data = run.Data with
            {
                Params = With(run.Data.Params, Unchanged(run, parameters)), Metrics = Latest(run.Data.Metrics, metrics), Tags = With(run.Data.Tags, tags),
            },
            Info = tags.FirstOrDefault(t => t.Key == "mlflow.runName") is { } named ? run.Info with { RunName = named.Value } : run.Info,
        }, cancel);
        if (metrics.Count > 0) await tracking.AppendMetricsAsync(id, metrics, cancel);
        return new { };
    }

    private async Task<object> DeleteTagAsync(MlflowRequest request, CancellationToken cancel)
    {
        var (id, key) = (await ForeignRunAsync(RunId(request), cancel), request.Required("key"));
        await tracking.ChangeRunAsync(id, run => Active(run).Data.Tags.Any(t => t.Key == key) ? run with { Data = run.Data with { Tags = [.. run.Data.Tags.Where(t => t.Key != key)] } }
            : throw MlflowException.Missing($"No tag with name: {key} in run with id {id}"), cancel);
        return new { };
    }

    private async Task<object> LogInputsAsync(MlflowRequest request, CancellationToken cancel)
    {
        var inputs = request.Items("datasets").Select(d => d.Clone()).ToArray();
        var logged = request.Items("models").Select(m => new MlflowModelInput(ModelId(m))).ToArray();
        await tracking.ChangeRunAsync(await ForeignRunAsync(RunId(request), cancel), run => Active(run) with
        {
            Inputs = new MlflowRunInputs
            {
                DatasetInputs = [.. run.Inputs.DatasetInputs.Concat(inputs).DistinctBy(d => d.GetRawText())],
                ModelInputs = [.. run.Inputs.ModelInputs.Concat(logged).Distinct()],
            },
        }, cancel);
        return new { };
    }

    private async Task<object> LogOutputsAsync(MlflowRequest request, CancellationToken cancel)
    {
        var made = request.Items("models").Select(m => new MlflowModelOutput(ModelId(m), m.TryGetProperty("step", out var step) ? step.Deserialize<long>(MlflowJson.Options) : 0)).ToArray();
        foreach (var model in made) await models.RequireAsync(model.ModelId, cancel);
        await tracking.ChangeRunAsync(await ForeignRunAsync(RunId(request), cancel), run => Active(run) with
        {
            Outputs = new MlflowRunOutputs { ModelOutputs = [.. run.Outputs.ModelOutputs.Concat(made).Distinct()] },
        }, cancel);
        return new { };
    }

    private static string ModelId(JsonElement model) => model.ValueKind == JsonValueKind.Object && model.TryGetProperty("model_id", out var id) && id.ValueKind == JsonValueKind.String
        ? id.GetString()! : throw MlflowException.Invalid("Missing value for required parameter 'models.model_id'.");

    // Metrics that name a logged model are the model's, too.
    private async Task OfModelsAsync(IEnumerable<(string? Model, MlflowMetric Metric)> metrics, CancellationToken cancel)
    {
        foreach (var group in metrics.Where(m => !string.IsNullOrEmpty(m.Model)).GroupBy(m => m.Model!))
        {
            await models.ChangeAsync(group.Key, m => m with { Data = m.Data with { Metrics = Latest(m.Data.Metrics, [.. group.Select(g => g.Metric)]) } }, cancel);
        }
    }

    private static string? ModelOf(JsonElement metric) => metric.TryGetProperty("model_id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;

    // The client writes what it knows of a model as a tag, a list that grows.
    private async Task<object> LogModelAsync(MlflowRequest request, CancellationToken cancel)
    {
        const string Key = "mlflow.log-model.history";
        var model = JsonSerializer.Deserialize<JsonElement>(request.Required("model_json"));
        await tracking.ChangeRunAsync(await ForeignRunAsync(RunId(request), cancel), run =>
        {
            var before = run.Data.Tags.FirstOrDefault(t => t.Key == Key) is { } tag ? JsonSerializer.Deserialize<List<JsonElement>>(tag.Value)! : [];
            return Active(run) with { Data = run.Data with { Tags = With(run.Data.Tags, [new MlflowPair(Key, JsonSerializer.Serialize(before.Append(model)))]) } };
        }, cancel);
        return new { };
    }

    private async Task<object> HistoryAsync(MlflowRequest request, CancellationToken cancel)
    {
        var run = await RunAsync(RunId(request), cancel);
        var key = request.Required("metric_key");
        var all = await own.FindRunAsync(run.Info.RunId, cancel) is { } mine ? [.. mine.Data.Metrics.Where(m => m.Key == key)] : await tracking.HistoryAsync(run.Info.RunId, key, cancel);
        var page = MlflowSearch.Page(all, request.Whole("max_results") is null ? int.MaxValue : request.Most(25_000, 25_000), request.Text("page_token"));
        return new { Metrics = page.Items, NextPageToken = page.Next };
    }

    private async Task<object> ListArtifactsAsync(MlflowRequest request, CancellationToken cancel)
    {
        var run = await RunAsync(RunId(request), cancel);
        if (!run.Info.ArtifactUri.StartsWith(MlflowArtifacts.Scheme, StringComparison.Ordinal)) return new { RootUri = run.Info.ArtifactUri, Files = Array.Empty<MlflowFile>() };
        var files = await MlflowArtifacts.ListAsync(objects, run.Info.ArtifactUri[MlflowArtifacts.Scheme.Length..], request.Text("path"), cancel);
        return new { RootUri = run.Info.ArtifactUri, Files = files };
    }

    private async Task<MlflowExperiment> ExperimentAsync(string id, CancellationToken cancel) =>
        await own.FindExperimentAsync(id, cancel) ?? await tracking.FindExperimentAsync(id, cancel) ?? throw MlflowTracking.NoExperiment(id);

    private async Task<MlflowRun> RunAsync(string id, CancellationToken cancel) => await own.FindRunAsync(id, cancel) ?? await tracking.FindRunAsync(id, cancel) ?? throw MlflowTracking.NoRun(id);

    private async Task<string> ForeignExperimentAsync(string id, CancellationToken cancel) => await own.FindExperimentAsync(id, cancel) is null ? id
        : throw MlflowException.Denied($"experiment '{id}' holds the trainings of a model of this workspace, which are not changed through MLflow");

    private async Task<string> ForeignRunAsync(string id, CancellationToken cancel) => await own.FindRunAsync(id, cancel) is null ? id
        : throw MlflowException.Denied($"run '{id}' is a training of this workspace, which is not changed through MLflow");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string RunId(MlflowRequest request) => request.Text("run_id") is { Length: > 0 } id ? id : request.Text("run_uuid") is { Length: > 0 } old ? old : request.Required("run_id");

    private static MlflowPair Tag(MlflowRequest request) => new(request.Required("key"), request.Text("value") ?? "");

    private static MlflowRun Active(MlflowRun run) => run.Info.LifecycleStage == MlflowStage.Active ? run
        : throw MlflowException.Invalid($"The run {run.Info.RunId} must be in the 'active' state. Current state is {run.Info.LifecycleStage}.");

    private static IReadOnlyList<MlflowPair> Checked(IReadOnlyList<MlflowPair> pairs, string what, int most)
    {
        foreach (var pair in pairs)
        {
            if (pair.Key.Length is 0 or > KeyLength) throw MlflowException.Invalid($"The name of a {what} has {pair.Key.Length} characters; expected 1 to {KeyLength}");
            if (pair.Value.Length > most) throw MlflowException.Invalid($"The value of {what} '{pair.Key}' has {pair.Value.Length} characters, which exceeds the maximum length of {most} characters");
        }

        return pairs;
    }

    private static IReadOnlyList<MlflowPair> Unchanged(MlflowRun run, IReadOnlyList<MlflowPair> parameters)
    {
        foreach (var parameter in parameters)
        {
            if (run.Data.Params.FirstOrDefault(p => p.Key == parameter.Key) is { } before && before.Value != parameter.Value)
            {
                throw MlflowException.Invalid($"Changing param values is not allowed. Param with key='{parameter.Key}' was already logged with value='{before.Value}' for run ID='{run.Info.RunId}'. Attempted logging new value '{parameter.Value}'.");
            }
        }

        return parameters;
    }

    internal static IReadOnlyList<MlflowPair> With(IReadOnlyList<MlflowPair> before, IReadOnlyList<MlflowPair> more)
    {
        var all = before.ToDictionary(p => p.Key, StringComparer.Ordinal);
        foreach (var pair in more) all[pair.Key] = pair;
        return [.. all.Values.OrderBy(p => p.Key, StringComparer.Ordinal)];
    }

    private static IReadOnlyList<MlflowMetric> Latest(IReadOnlyList<MlflowMetric> before, IReadOnlyList<MlflowMetric> more) =>
        [.. before.Concat(more).GroupBy(m => m.Key, StringComparer.Ordinal).Select(g => g.MaxBy(m => (m.Step, m.Timestamp, m.Value))!).OrderBy(m => m.Key, StringComparer.Ordinal)];

    private static string? Status(string? text) => text switch
    {
        null or "" => null,
        "RUNNING" or "1" => "RUNNING",
        "SCHEDULED" or "2" => "SCHEDULED",
        "FINISHED" or "3" => "FINISHED",
        "FAILED" or "4" => "FAILED",
        "KILLED" or "5" => "KILLED",
        _ => throw MlflowException.Invalid($"Invalid value '{text}' for parameter 'status': expected RUNNING, SCHEDULED, FINISHED, FAILED or KILLED."),
    };

    private static bool Viewed(string? view, string stage) => view switch
    {
        null or "" or "ACTIVE_ONLY" or "1" => stage == MlflowStage.Active,
        "DELETED_ONLY" or "2" => stage == MlflowStage.Deleted,
        "ALL" or "3" => true,
        _ => throw MlflowException.Invalid($"Invalid view type '{view}': expected ACTIVE_ONLY, DELETED_ONLY or ALL."),
    };
}
