using System.Globalization;
using System.Text.Json;
using Serverless.Runs;
using Serverless.Search;

namespace Serverless.Web.Mlflow;

/// <summary>Searches and their trials as MLflow shows nested runs: a parent, and children with <c>mlflow.parentRunId</c>.</summary>
internal static class OwnTrials
{
    /// <summary>The tag by which MLflow nests runs.</summary>
    public const string Parent = "mlflow.parentRunId";

    public static MlflowRun? OfTrial(RunRecord record)
    {
        if (record.Data.Deserialize<TrialState>(ServerlessJson.Options) is not { } state) return null;
        var at = record.UpdatedAt.ToUnixTimeMilliseconds();
        List<MlflowPair> parameters = [new("trainer", state.Trainer), new("share", state.Share.ToString("R", CultureInfo.InvariantCulture)), new("rung", state.Rung.ToString(CultureInfo.InvariantCulture))];
        if (state.Report?.Inputs is { } inputs)
        {
            parameters.Add(new("seed", inputs.Seed.ToString(CultureInfo.InvariantCulture)));
            parameters.AddRange(inputs.Hyperparameters.Select(h => new MlflowPair(h.Key, inputs.Settings?.GetValueOrDefault(h.Key) ?? h.Value.ToString("R", CultureInfo.InvariantCulture))));
        }

        IReadOnlyList<MlflowMetric> metrics = state.Report is not { } report ? [] :
        [
            .. report.Metrics.Select(m => new MlflowMetric(m.Key, m.Value, at, 0)), .. report.Timings?.Select(t => new MlflowMetric($"seconds.{t.Key}", t.Value, at, 0)) ?? [],
            new MlflowMetric("rows.train", report.LearnedRows, at, 0), new MlflowMetric("rows.judge", report.JudgedRows, at, 0),
        ];
        return Run(record, state.Model, "", $"trial {state.Number}", metrics, [.. parameters.DistinctBy(p => p.Key)], [new(Parent, state.Search)]);
    }

    public static MlflowRun OfSearch(RunRecord record)
    {
        string Text(string name) => record.Data.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
        var report = record.Data.TryGetProperty("report", out var found) ? found.Deserialize<SearchReport>(ServerlessJson.Options) : null;
        IReadOnlyList<MlflowMetric> metrics = report is null ? [] : [new($"best.{report.Metric}", report.BestValue, record.UpdatedAt.ToUnixTimeMilliseconds(), 0), new("trials", report.Done + report.Failed + report.Stopped, record.UpdatedAt.ToUnixTimeMilliseconds(), 0)];
        return Run(record, record.Subject, Text("by"), $"search {record.Id}", metrics, [], [new("mlflow.note.content", Text("reason"))]);
    }

    private static MlflowRun Run(RunRecord record, string model, string by, string name, IReadOnlyList<MlflowMetric> metrics, IReadOnlyList<MlflowPair> parameters, IReadOnlyList<MlflowPair> tags) => new()
    {
        Info = new MlflowRunInfo
        {
            RunId = record.Id, RunName = name, ExperimentId = OwnRuns.ExperimentOf(model), UserId = by, StartTime = record.CreatedAt.ToUnixTimeMilliseconds(),
            EndTime = record.Status == RunStatus.Running ? null : record.UpdatedAt.ToUnixTimeMilliseconds(), ArtifactUri = $"{MlflowArtifacts.Scheme}/runs/{record.Id}", Status = OwnRuns.StatusOf(record),
        },
        Data = new MlflowRunData
        {
            Metrics = metrics, Params = parameters,
            Tags =
            [
                new("mlflow.runName", name), new("mlflow.source.type", "JOB"), new("mlflow.source.name", "serverless-ml"), new("serverless.state", record.State), new("serverless.model", model), .. tags,
                .. record.Reason is { } reason ? [new("serverless.reason", reason)] : Array.Empty<MlflowPair>(),
            ],
        },
    };
}
