using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Series;

/// <summary>Series as people ask for them: with the bounds of the rules.</summary>
public interface ISeriesReports
{
    /// <exception cref="RequestException">A dataset, metric, strategy or parameter that does not exist.</exception>
    Task<JudgedPage> ReadAsync(string dataset, JudgedQuery query, CancellationToken cancel = default);
}

internal sealed class SeriesReports(Workspace workspace, IMetricHistory history, SeriesJudge judge, MetricResolver resolver) : ISeriesReports
{
    public async Task<JudgedPage> ReadAsync(string dataset, JudgedQuery query, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        judge.Require(query.Try, definition.Partition.Grain);
        var all = await history.ReadAsync(dataset, query.Metrics.Count > 0 ? query.Metrics : resolver.Usual(definition), new MetricQuery { To = query.To }, cancel);
        return judge.Page(all, query, s => definition.Anomalies.Where(a => resolver.Find(definition, a.Metric.Text, out var metric) is null && metric!.Name == s.Metric));
    }
}
