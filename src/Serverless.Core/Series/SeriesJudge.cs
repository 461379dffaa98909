using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Series.Anomalies;

namespace Serverless.Series;

/// <summary>Cuts series to what was asked for, and judges each point by rules against all points before it, shown or not.</summary>
internal sealed class SeriesJudge(IAnomalyDetector detector, AnomalyCatalogue strategies)
{
    /// <exception cref="RequestException">The rule to try does not exist, or its parameters are wrong.</exception>
    public void Require(AnomalyDefinition? tried, PartitionGrain grain)
    {
        if (tried is not null && strategies.Problems(tried, grain).Select(p => p.Message).FirstOrDefault() is { } problem) throw new RequestException(problem);
    }

    /// <param name="all">All of the same periods, from the first.</param>
    /// <param name="rules">Of a series; a rule to try comes in their place.</param>
    public JudgedPage Page(IReadOnlyList<MetricSeries> all, JudgedQuery query, Func<MetricSeries, IEnumerable<AnomalyDefinition>> rules)
    {
        var periods = all[0].Points.Select(p => p.Period)
            .Where(p => (query.From is not { } from || string.CompareOrdinal(p, from) >= 0) && (query.After is not { } after || string.CompareOrdinal(p, after) > 0)).ToArray();
        var shown = query.Limit is { } limit ? periods.Take(limit).ToHashSet(StringComparer.Ordinal) : [.. periods];
        return new JudgedPage([.. all.Select(s => Judge(s, query.Try is { } tried ? [tried] : rules(s), shown, query))], shown.Count < periods.Length ? periods[shown.Count - 1] : null);
    }

    private JudgedSeries Judge(MetricSeries series, IEnumerable<AnomalyDefinition> rules, HashSet<string> shown, JudgedQuery query)
    {
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
