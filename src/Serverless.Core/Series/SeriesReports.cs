using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Series.Anomalies;
using Serverless.Workspaces;

namespace Serverless.Series;

/// <summary>Series as people ask for them: with the bounds of the rules.</summary>
public interface ISeriesReports
{
    /// <exception cref="RequestException">A dataset, metric, strategy or parameter that does not exist.</exception>
    Task<JudgedPage> ReadAsync(string dataset, JudgedQuery query, CancellationToken cancel = default);
}

internal sealed class SeriesReports(Workspace workspace, IMetricHistory history, IAnomalyDetector detector, AnomalyCatalogue strategies, MetricResolver resolver) : ISeriesReports
{
    public async Task<JudgedPage> ReadAsync(string dataset, JudgedQuery query, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        if (query.Try is { } tried && strategies.Problems(tried, definition.Partition.Grain).Select(p => p.Message).FirstOrDefault() is { } problem) throw new RequestException(problem);
        var all = await history.ReadAsync(dataset, query.Metrics.Count > 0 ? query.Metrics : resolver.Usual(definition), new MetricQuery { To = query.To }, cancel);
        var periods = all[0].Points.Select(p => p.Period)
            .Where(p => (query.From is not { } from || string.CompareOrdinal(p, from) >= 0) && (query.After is not { } after || string.CompareOrdinal(p, after) > 0)).ToArray();
        var shown = query.Limit is { } limit ? periods.Take(limit).ToHashSet(StringComparer.Ordinal) : [.. periods];
        return new JudgedPage([.. all.Select(s => Judge(definition, s, shown, query))], shown.Count < periods.Length ? periods[shown.Count - 1] : null);
    }

    private JudgedSeries Judge(DatasetDefinition dataset, MetricSeries series, HashSet<string> shown, JudgedQuery query)
    {
        var rules = query.Try is { } tried ? [tried] : dataset.Anomalies.Where(a => resolver.Find(dataset, a.Metric.Text, out var metric) is null && metric!.Name == series.Metric);
        var results = rules.SelectMany(r => query.Search is var (from, to) ? detector.Search(series, r, from, to) : detector.Judge(series, r, shown)).ToLookup(r => r.Period);
        return new JudgedSeries
        {
            Metric = series.Metric,
            Grain = series.Grain,
            Points = [.. series.Points.Where(p => shown.Contains(p.Period)).Select(p => new JudgedPoint
            {
                Period = p.Period, Partition = p.Partition, Value = p.Value, Reason = p.Reason,
                Anomalous = results[p.Period].Any(r => r.Anomalous), Results = [.. results[p.Period]],
            })],
            Gaps = [.. series.Gaps.Where(g => shown.Count > 0 && string.CompareOrdinal(g.To, shown.Min(StringComparer.Ordinal)) > 0 && string.CompareOrdinal(g.From, shown.Max(StringComparer.Ordinal)) < 0)],
        };
    }
}
