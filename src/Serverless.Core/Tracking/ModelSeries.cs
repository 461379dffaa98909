using System.Globalization;
using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Series;
using Serverless.Workspaces;

namespace Serverless.Tracking;

/// <summary>A model's metrics day by day, in the form of the figures of a dataset.</summary>
public interface IModelSeries
{
    /// <summary>A point for each day (UTC) on which the model was trained, refused trainings included: of the day's last training. <c>Partition</c> is its run.</summary>
    /// <exception cref="RequestException">The model, a metric, a strategy or its parameter does not exist.</exception>
    Task<JudgedPage> ReadAsync(string model, JudgedQuery query, CancellationToken cancel = default);
}

internal sealed class ModelSeries(ITrackedRuns runs, Workspace workspace, SeriesJudge judge) : IModelSeries
{
    public async Task<JudgedPage> ReadAsync(string model, JudgedQuery query, CancellationToken cancel = default)
    {
        var definition = workspace.Model(model);
        judge.Require(query.Try, PartitionGrain.Day);
        var wanted = query.Metrics.Count > 0 ? query.Metrics.Select(n => Known(definition, n)).ToArray() : Usual(definition);
        var days = (await runs.ListAsync(new RunQuery { Kind = "train", Subject = model, Limit = int.MaxValue }, cancel)).Where(r => r.Metrics.Count > 0).Reverse()
            .GroupBy(r => r.Run.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), StringComparer.Ordinal)
            .Where(d => query.To is not { } to || string.CompareOrdinal(d.Key, to) <= 0 || d.Key.StartsWith(to, StringComparison.Ordinal)).Select(d => (Day: d.Key, Run: d.Last())).ToArray();
        return judge.Page([.. wanted.Select(m => Series(model, m, days))], query, _ => []);
    }

    private static MetricSeries Series(string model, MetricDescription metric, IReadOnlyList<(string Day, TrackedRun Run)> days)
    {
        SeriesPoint[] points =
        [
            .. days.Select(d => d.Run.Metrics.TryGetValue(metric.Name, out var value) && double.IsFinite(value) ? new SeriesPoint { Period = d.Day, Partition = d.Run.Run.Id, Value = value }
                : new SeriesPoint { Period = d.Day, Partition = d.Run.Run.Id, Reason = $"run {d.Run.Run.Id} has no {metric.Name}, which needs {metric.Needs}" }),
        ];
        return new MetricSeries { Dataset = model, Metric = metric.Name, Grain = PartitionGrain.Day, Points = points, Gaps = Periods.Gaps(points, PartitionGrain.Day) };
    }

    /// <summary>That of the gate, and the model's own.</summary>
    private static MetricDescription[] Usual(ModelDefinition model) =>
        [Known(model, model.Gate.Metric ?? MetricCatalogue.Default(model.Task).Name), .. BusinessMetrics.Of(model).Where(m => m.Name != model.Gate.Metric).Select(m => MetricCatalogue.Find(model, m.Name)!)];

    private static MetricDescription Known(ModelDefinition model, string name) => MetricCatalogue.Find(model, name)
        ?? throw new RequestException($"'{name}' is not a metric of model '{model.Name}'.{Suggest.Hint(name, MetricCatalogue.Of(model).Select(m => m.Name))}");
}
