using System.Collections.Concurrent;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Series;

/// <summary>
/// Series from the reports beside the partitions. Partitions and their reports never change, so a figure that was read once is kept; reading is in parallel with a
/// bound, so that a year of days takes a moment on a disk and a few round trips on blobs.
/// </summary>
internal sealed class MetricHistory(Workspace workspace, IDatasetHistory history, IObjectStore objects, MetricResolver resolver) : IMetricHistory
{
    private const int AtOnce = 16;
    private const int MostKept = 200_000;

    private readonly ConcurrentDictionary<(string Path, string Metric), Figure> kept = new();
    private readonly PartitionFigures figures = new(objects);

    public IReadOnlyList<string> Usual(string dataset) => resolver.Usual(workspace.Dataset(dataset));

    public async Task<IReadOnlyList<MetricSeries>> ReadAsync(string dataset, IReadOnlyList<string> metrics, MetricQuery? query = null, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        SeriesMetric[] wanted = [.. metrics.Select(m => resolver.Resolve(definition, m))];
        var grain = definition.Partition.Grain;
        var partitions = (await history.PartitionsAsync(dataset, query?.AsOf, cancel))
            .Where(p => Periods.Number(p.Key, grain) is not null && IsWithin(p.Key, query)).ToArray();
        var several = partitions.GroupBy(p => p.Key).Where(g => g.Skip(1).Any()).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        var found = new IReadOnlyList<Figure>[partitions.Length];
        await Parallel.ForAsync(0, partitions.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            async (i, stop) => found[i] = several.Contains(partitions[i].Key)
                ? await figures.ReadAsync(partitions[i], wanted, toMerge: true, stop) : await FiguresAsync(partitions[i], wanted, stop));
        return [.. wanted.Select((m, at) => Series(definition, m, partitions, i => found[i][at]))];
    }

    private async ValueTask<IReadOnlyList<Figure>> FiguresAsync(PartitionRecord partition, SeriesMetric[] metrics, CancellationToken cancel)
    {
        // Several rules may look at one metric.
        var result = metrics.Select(m => kept.GetValueOrDefault((partition.Entry.Path, m.Name))).ToArray();
        int[] missing = [.. Enumerable.Range(0, metrics.Length).Where(i => result[i] is null)];
        if (missing.Length == 0) return result!;
        var read = await figures.ReadAsync(partition, [.. missing.Select(i => metrics[i])], toMerge: false, cancel);
        if (kept.Count + missing.Length > MostKept) kept.Clear();
        for (var i = 0; i < missing.Length; i++)
        {
            result[missing[i]] = read[i];

            // What is not there may still come (a checker that lags behind); what was read stays as it is.
            if (read[i].Value is not null) kept[(partition.Entry.Path, metrics[missing[i]].Name)] = read[i];
        }

        return result!;
    }

    private static MetricSeries Series(DatasetDefinition dataset, SeriesMetric metric, PartitionRecord[] partitions, Func<int, Figure> figure)
    {
        var points = partitions.Select((p, i) => (Partition: p, Figure: figure(i))).GroupBy(p => p.Partition.Key, StringComparer.Ordinal).Select(group =>
        {
            var together = Figure.Together(metric, [.. group.Select(p => p.Figure)]);
            return new SeriesPoint { Period = group.Key, Partition = group.Last().Partition.Id, Value = together.Value, Reason = together.Value is null ? together.Reason : null };
        }).ToArray();
        return new MetricSeries { Dataset = dataset.Name, Metric = metric.Name, Grain = dataset.Partition.Grain, Points = points, Gaps = Periods.Gaps(points, dataset.Partition.Grain) };
    }

    private static bool IsWithin(string key, MetricQuery? query) =>
        (query?.From is not { } from || string.CompareOrdinal(key, from) >= 0)
        && (query?.To is not { } to || string.CompareOrdinal(key, to) <= 0 || key.StartsWith(to, StringComparison.Ordinal));
}
