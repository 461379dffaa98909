using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Web.Mlflow;

/// <summary>The trainings of this workspace as MLflow's runs: an experiment for each model, a run for each training, search and trial. To read only.</summary>
internal sealed class OwnRuns(Workspace workspace, IRunEngine runs, IModelRegistry registry)
{
    private const string Prefix = "model-";
    private static readonly string[] Kinds = ["train", "search", "trial"];

    public static string ExperimentOf(string model) => Prefix + model;

    public static string? ModelOf(string experiment) => experiment.StartsWith(Prefix, StringComparison.Ordinal) ? experiment[Prefix.Length..] : null;

    public async Task<IReadOnlyList<MlflowExperiment>> ExperimentsAsync(CancellationToken cancel) =>
        [.. (await registry.ModelsAsync(cancel)).Union(workspace.Models.Keys).Order(StringComparer.Ordinal).Select(Experiment)];

    public async Task<MlflowExperiment?> FindExperimentAsync(string id, CancellationToken cancel) => (await ExperimentsAsync(cancel)).FirstOrDefault(e => e.ExperimentId == id);

    public async Task<MlflowExperiment?> FindExperimentByNameAsync(string name, CancellationToken cancel) => (await ExperimentsAsync(cancel)).FirstOrDefault(e => e.Name == name);

    public async IAsyncEnumerable<MlflowRun> RunsAsync(string experiment, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (ModelOf(experiment) is not { } model) yield break;
        foreach (var kind in Kinds)
        {
            await foreach (var record in runs.ListAsync(kind, model, cancel))
            {
                if (ToRun(record) is { } run) yield return run;
            }
        }
    }

    public async Task<MlflowRun?> FindRunAsync(string id, CancellationToken cancel) =>
        Array.Exists(Kinds, k => id.StartsWith(k + "-", StringComparison.Ordinal)) && await runs.FindAsync(id, cancel) is { } record && Kinds.Contains(record.Kind) ? ToRun(record) : null;

    public static string StatusOf(RunRecord record) => record.Status switch { RunStatus.Done or RunStatus.Refused => "FINISHED", RunStatus.Failed => "FAILED", _ => "RUNNING" };

    private static MlflowRun? ToRun(RunRecord record) => record.Kind switch { "trial" => OwnTrials.OfTrial(record), "search" => OwnTrials.OfSearch(record), _ => OfTraining(record) };

    private MlflowExperiment Experiment(string model) => new()
    {
        ExperimentId = ExperimentOf(model), Name = model, ArtifactLocation = $"{MlflowArtifacts.Scheme}/models/{model}",
        Tags = workspace.Models.TryGetValue(model, out var definition) && definition.Description is { } description ? [new("mlflow.note.content", description)] : [],
    };

    private static MlflowRun? OfTraining(RunRecord record)
    {
        var state = record.Data.Deserialize<TrainState>(ServerlessJson.Options);
        if (state is null) return null;
        var report = state.Report;
        var start = record.CreatedAt.ToUnixTimeMilliseconds();
        var ended = record.Status is RunStatus.Done or RunStatus.Failed or RunStatus.Refused;
        var end = record.UpdatedAt.ToUnixTimeMilliseconds();
        return new MlflowRun
        {
            Info = new MlflowRunInfo
            {
                RunId = record.Id, RunName = record.Id, ExperimentId = ExperimentOf(state.Model), UserId = state.By, StartTime = start, EndTime = ended ? end : null, ArtifactUri = $"{MlflowArtifacts.Scheme}/runs/{record.Id}",
                Status = StatusOf(record),
            },
            Data = new MlflowRunData { Metrics = report is null ? [] : Metrics(report, end), Params = report is null ? [] : Parameters(report), Tags = Tags(record, state) },
        };
    }

    private static IReadOnlyList<MlflowMetric> Metrics(TrainReport report, long at) =>
    [
        .. report.Metrics.Select(m => new MlflowMetric(m.Key, m.Value, at, 0)),
        .. report.ChampionMetrics?.Select(m => new MlflowMetric("champion." + m.Key, m.Value, at, 0)) ?? [],
        .. report.BaselineMetrics?.Select(m => new MlflowMetric("baseline." + m.Key, m.Value, at, 0)) ?? [],
        .. report.Timings.Select(t => new MlflowMetric($"seconds.{t.Key}", t.Value, at, 0)),
        new MlflowMetric("rows.train", report.TrainRows, at, 0), new MlflowMetric("rows.holdout", report.HoldoutRows, at, 0),
    ];

    private static IReadOnlyList<MlflowPair> Parameters(TrainReport report)
    {
        var found = new List<MlflowPair>();
        if (report.Trainer is { } trainer) found.Add(new("trainer", trainer));
        if (report.Lineage is { } lineage)
        {
            found.Add(new("seed", lineage.Seed.ToString(CultureInfo.InvariantCulture)));
            found.Add(new("dataset", lineage.Dataset));
            found.Add(new("train_from", Text(lineage.TrainFrom)));
            found.Add(new("holdout_from", Text(lineage.HoldoutFrom)));
            found.Add(new("until", Text(lineage.Until)));
            found.AddRange(lineage.Hyperparameters.Select(h => new MlflowPair(h.Key, lineage.Settings?.GetValueOrDefault(h.Key) ?? h.Value.ToString("R", CultureInfo.InvariantCulture))));
        }

        return [.. found.DistinctBy(p => p.Key)];
    }

    private static IReadOnlyList<MlflowPair> Tags(RunRecord record, TrainState state)
    {
        var tags = new List<MlflowPair>
        {
            new("mlflow.runName", record.Id), new("mlflow.user", state.By), new("mlflow.source.type", "JOB"), new("mlflow.source.name", "serverless-ml"), new("mlflow.note.content", state.Reason),
            new("serverless.state", record.State), new("serverless.model", state.Model),
        };
        if (state.Report is { } report)
        {
            tags.Add(new("serverless.gate", report.Gate.Passed ? "passed" : "refused"));
            if (report.Gate.Reasons.Count > 0) tags.Add(new("serverless.gate.reasons", string.Join('\n', report.Gate.Reasons)));
            if (report.Version is { } version) tags.Add(new("serverless.version", version.ToString(CultureInfo.InvariantCulture)));
            if (report.Lineage is { } lineage)
            {
                tags.Add(new("serverless.code", lineage.CodeVersion));
                tags.Add(new("serverless.workspace", lineage.WorkspaceHash));
            }
        }

        if (state.Found is { } found) tags.Add(new(OwnTrials.Parent, found.Search));
        if (record.Reason is { } reason) tags.Add(new("serverless.reason", reason));
        return tags;
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
