using System.Text.Json;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Series.Anomalies;

/// <summary>
/// Judges the new partitions of every committed drop by the dataset's anomaly rules: against the history as of that commit, so that a repeated look says the same.
/// The results are put beside the partition, and published as signals, good and bad.
/// </summary>
internal sealed class AnomalyWatch(Workspace workspace, IMetricHistory metrics, IAnomalyDetector detector, IObjectStore objects, ISignals signals) : ICommitObserver
{
    private const int AtOnce = 8;

    /// <summary>Of a drop with more periods, only the newest are news to anybody; the results of all are stored.</summary>
    private const int MostSignalled = 100;

    public string Name => "anomalies";

    public async Task<IReadOnlyList<string>> ObserveAsync(Commit commit, string run, CancellationToken cancel = default)
    {
        if (!workspace.Datasets.TryGetValue(commit.Dataset, out var dataset) || dataset.Anomalies.Count == 0 || commit.Partitions.Count == 0) return [];
        var results = await JudgeAsync(dataset, commit, cancel);
        await Parallel.ForEachAsync(commit.Partitions, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (partition, stop) =>
        {
            var own = new PartitionAnomalies { Id = partition.Id, Version = commit.Version, Results = [.. results.Where(r => r.Period == partition.Key)] };
            using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(own, ServerlessJson.Options));
            await objects.PutIfAbsentAsync(Path.ChangeExtension(partition.Path, ".anomalies.json"), content, stop);
        });
        await signals.PublishAsync(Signals(results, commit, run), cancel);
        return [.. results.Where(r => r.Anomalous).Select(AnomalyWords.Sentence)];
    }

    private async Task<IReadOnlyList<AnomalyResult>> JudgeAsync(DatasetDefinition dataset, Commit commit, CancellationToken cancel)
    {
        var periods = commit.Partitions.Select(p => p.Key).ToHashSet(StringComparer.Ordinal);
        var query = new MetricQuery { AsOf = AsOf.AtVersion(commit.Version), To = periods.Max(StringComparer.Ordinal) };
        var series = await metrics.ReadAsync(commit.Dataset, [.. dataset.Anomalies.Select(a => a.Metric.Text)], query, cancel);
        return [.. dataset.Anomalies.SelectMany((rule, i) => detector.Judge(series[i], rule, periods))];
    }

    // Rules that look at the same metric of the same period speak with one voice: bad when one of them says so, as severe as the worst of those.
    private static IReadOnlyList<Signal> Signals(IReadOnlyList<AnomalyResult> results, Commit commit, string run)
    {
        var newest = commit.Partitions.Select(p => p.Key).Distinct(StringComparer.Ordinal).OrderDescending(StringComparer.Ordinal).Take(MostSignalled).ToHashSet(StringComparer.Ordinal);
        return [.. results.Where(r => r.NotApplicable is null && newest.Contains(r.Period)).GroupBy(r => (r.Period, r.Metric)).Select(group =>
        {
            var bad = group.Where(r => r.Anomalous).OrderByDescending(r => r.Severity).ToArray();
            var first = bad.Length > 0 ? bad[0] : group.MaxBy(r => r.Severity)!;
            return new Signal
            {
                Kind = SignalKind.Anomaly,
                Subject = commit.Dataset,
                Name = first.Metric,
                Period = first.Period,
                Bad = bad.Length > 0,
                Severity = first.Severity,
                Value = first.Value,
                Expectation = $"{AnomalyWords.Expectation(first)} ({AnomalyWords.How(first)})",
                Message = string.Join("; ", (bad.Length > 0 ? bad : [first]).Select(AnomalyWords.Sentence)) + ".",
                At = commit.WrittenAt,
                Run = run,
            };
        })];
    }
}
