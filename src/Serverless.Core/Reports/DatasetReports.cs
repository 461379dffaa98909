using System.Globalization;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Profiles;
using Serverless.Series;
using Serverless.Series.Anomalies;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Reports;

internal sealed class DatasetReports(
    Workspace workspace, IDatasetHistory history, IPartitionReader rows, IMetricHistory metrics, IAnomalyDetector anomalies, IDriftDetector drift, IDatasetProfiles profiles,
    IObjectStore objects, TimeProvider time) : IDatasetReports
{
    private const int AtOnce = 16;

    // A report is looked at: beyond this, the reference and the current window are shown by their profiles, and compared by the newest rows that fit.
    private const long MostRowsCompared = 5_000_000;

    public async Task<ReportDocument> BuildAsync(string dataset, ReportQuery query, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        var all = (await history.PartitionsAsync(dataset, null, cancel)).Where(p => PartitionKey.Period(p.Key) is not null && Within(p.Key, query)).ToList();
        if (all.Count == 0) throw new DataException($"dataset '{dataset}' has no partitions{(query.From is null && query.To is null ? "" : " in this window")}: ingest a drop first (serverless-ml ingest {dataset} FILE).");
        var keys = all.Select(p => p.Key).Distinct(StringComparer.Ordinal).ToList();
        var current = keys.TakeLast(Math.Max(1, query.Current)).ToHashSet(StringComparer.Ordinal);
        var reference = keys.SkipLast(current.Count).TakeLast(current.Count).ToHashSet(StringComparer.Ordinal);
        var (nowPartitions, beforePartitions) = (all.Where(p => current.Contains(p.Key)).ToList(), all.Where(p => reference.Contains(p.Key)).ToList());
        var checks = await ChecksAsync(all, cancel);
        var series = await SeriesAsync(definition, query, cancel);
        var now = await profiles.MergeAsync(dataset, nowPartitions, cancel);
        var before = beforePartitions.Count == 0 ? null : await profiles.MergeAsync(dataset, beforePartitions, cancel);
        var found = before is null || before.Rows == 0 || now.Rows == 0 ? null : await CompareAsync(definition, beforePartitions, nowPartitions, cancel);
        var latest = nowPartitions[^1];
        return new ReportDocument
        {
            Title = dataset,
            Description = definition.Description,
            GeneratedAt = time.GetUtcNow(),
            Verdict = Verdict(checks[latest.Id], found, latest.Key),
            Facts =
            [
                new("Rows", Count(all.Sum(p => p.Entry.Rows))), new("Partitions", Count(all.Count)), new("From", keys[0]), new("To", keys[^1]),
                new("In quarantine", Count(all.Select(p => p.Commit).DistinctBy(c => c.Version).Sum(c => c.Quarantined))), new("Contract", definition.ContractVersion[..Math.Min(8, definition.ContractVersion.Length)]),
            ],
            Calendar = new ReportCalendar(definition.Partition.Grain, Periods(definition, all, checks, series)),
            Checks = checks[latest.Id],
            Series = series,
            Changes = found is null ? [] : [.. found.UpstreamChanges.Select(DriftPages.Sentence)],
            Comparison = found is null ? $"{Window(current)}. There is no earlier window to compare with." : ColumnCards.Comparison(found, Window(reference), Window(current)),
            Columns = ColumnCards.Of(before, now, found),
        };
    }

    private async Task<DriftReport?> CompareAsync(DatasetDefinition definition, IReadOnlyList<PartitionRecord> before, IReadOnlyList<PartitionRecord> now, CancellationToken cancel)
    {
        if (before.Concat(now).Sum(p => p.Entry.Rows) > MostRowsCompared) (before, now) = (Newest(before), Newest(now));
        return drift.Compare(await rows.ReadAsync(definition.Name, before, definition.Columns, cancel), await rows.ReadAsync(definition.Name, now, definition.Columns, cancel), new DriftSettings(), cancel);
    }

    private static IReadOnlyList<PartitionRecord> Newest(IReadOnlyList<PartitionRecord> partitions)
    {
        var sum = 0L;
        var some = partitions.Reverse().TakeWhile(p => (sum += p.Entry.Rows) <= MostRowsCompared / 2).Reverse().ToList();
        return some.Count > 0 ? some : [partitions[^1]];
    }

    private async Task<Dictionary<string, IReadOnlyList<CheckResult>>> ChecksAsync(IReadOnlyList<PartitionRecord> partitions, CancellationToken cancel)
    {
        var found = new IReadOnlyList<CheckResult>[partitions.Count];
        await Parallel.ForAsync(0, partitions.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (i, stop) =>
        {
            found[i] = await new PartitionResults(objects).ReadAsync(partitions[i], stop);
        });
        return partitions.Select((p, i) => (p.Id, Checks: found[i])).ToDictionary(p => p.Id, p => p.Checks, StringComparer.Ordinal);
    }

    private async Task<IReadOnlyList<ReportSeries>> SeriesAsync(DatasetDefinition definition, ReportQuery query, CancellationToken cancel)
    {
        var names = metrics.Usual(definition.Name);
        var read = await metrics.ReadAsync(definition.Name, names, new MetricQuery { From = query.From, To = query.To }, cancel);
        return [.. read.Where(s => s.Points.Any(p => p.Value is not null)).Select(s =>
        {
            // Without a rule, the check's own limits are shown.
            var rules = definition.Anomalies.Where(a => a.Metric.Text == s.Metric).ToList();
            var judged = rules.SelectMany(r => anomalies.Judge(s, r)).ToLookup(r => r.Period, StringComparer.Ordinal);
            var (lower, upper) = rules.Count == 0 ? Limits(definition, s.Metric) : (null, null);
            return new ReportSeries
            {
                Name = s.Metric,
                Bounds = rules.Count == 0 ? null : string.Join("; ", rules.Select(r => r.Strategy.Text).Distinct()),
                Points = [.. s.Points.Select(p => judged.Contains(p.Period) ? Judged(p, [.. judged[p.Period]]) : new ReportPoint(p.Period, p.Value, lower, upper, p.Value < lower || p.Value > upper))],
            };
        })];
    }

    /// <summary>Several rules may watch one metric: what all of them let pass lies within the tightest bounds, and one that objects is enough.</summary>
    internal static ReportPoint Judged(SeriesPoint point, IReadOnlyList<AnomalyResult> results) =>
        new(point.Period, point.Value, results.Max(r => r.Lower), results.Min(r => r.Upper), results.Any(r => r.Anomalous));

    private static (double? Lower, double? Upper) Limits(DatasetDefinition definition, string metric)
    {
        var check = definition.Checks.FirstOrDefault(c => c.Where is null && (c.Column is null ? c.Check : MetricName.Of(c.Check, c.Column)) == metric);
        double? Limit(string key) => check?.Parameters.TryGetValue(key, out var p) == true && double.TryParse(p.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var v) ? v : null;
        return (Limit("min"), Limit("max"));
    }

    private static IReadOnlyList<ReportPeriod> Periods(DatasetDefinition definition, IReadOnlyList<PartitionRecord> all, IReadOnlyDictionary<string, IReadOnlyList<CheckResult>> checks, IReadOnlyList<ReportSeries> series)
    {
        var quarantined = series.FirstOrDefault(s => s.Name == "quarantined")?.Points.ToDictionary(p => p.Key, p => p.Value ?? 0, StringComparer.Ordinal);
        var there = all.GroupBy(p => p.Key, StringComparer.Ordinal).Select(group =>
        {
            var failed = group.SelectMany(p => checks[p.Id]).Distinct().Where(c => c.Outcome is Outcome.Failed or Outcome.Errored).OrderByDescending(c => c.Severity).ToList();
            return new ReportPeriod(group.Key, failed.Count == 0 ? ReportPeriodState.Good : failed[0].Severity >= Severity.Error ? ReportPeriodState.Failed : ReportPeriodState.Warning,
                group.Sum(p => p.Entry.Rows), Bad(group.Sum(p => p.Entry.Rows), quarantined?.GetValueOrDefault(group.Key) ?? 0), failed.Count == 0 ? null : string.Join("; ", failed.Take(3).Select(Sentence)));
        }).ToList();
        var grain = definition.Partition.Grain;
        var gaps = Series.Periods.Gaps([.. there.Where(p => Series.Periods.Number(p.Key, grain) is not null).Select(p => new SeriesPoint { Period = p.Key, Partition = "" })], grain);
        var missing = gaps.SelectMany(g => Enumerable.Range(Series.Periods.Number(g.From, grain)!.Value, Math.Min(g.Periods, 400)))
            .Select(n => new ReportPeriod(Series.Periods.Key(n, grain), ReportPeriodState.Missing, 0, 0, "no partition"));
        return [.. there.Concat(missing).OrderBy(p => p.Key, StringComparer.Ordinal)];
    }

    // The series has the share of all rows that came.
    private static long Bad(long rows, double share) => share is > 0 and < 1 ? (long)Math.Round(rows * share / (1 - share)) : 0;

    private static ReportVerdict Verdict(IReadOnlyList<CheckResult> checks, DriftReport? drift, string latest)
    {
        var failed = checks.Where(c => c.Outcome is Outcome.Failed or Outcome.Errored).ToList();
        var worst = failed.Count == 0 ? (Severity?)null : failed.Max(c => c.Severity);
        var parts = new List<string>();
        if (failed.Count > 0) parts.Add($"{failed.Count} of {checks.Count} checks failed on {latest}");
        var level = worst switch { null or Severity.Info => ReportLevel.Good, Severity.Warning => ReportLevel.Warning, _ => ReportLevel.Bad };
        if (drift is not null && DriftPages.Verdict(drift) is { Level: not ReportLevel.Good } drifted)
        {
            parts.Add(parts.Count == 0 ? drifted.Text : char.ToLowerInvariant(drifted.Text[0]) + drifted.Text[1..]);
            if (drifted.Level > level) level = drifted.Level;
        }

        return new ReportVerdict(level, parts.Count == 0 ? checks.Count == 0 ? "No drift was found" : $"All {checks.Count} checks passed on {latest}; no drift was found" : string.Join("; ", parts));
    }

    private static string Sentence(CheckResult c) => $"{c.Check}{(c.Column is null ? "" : $"({c.Column})")}{(c.Value is { } v ? $" is {v.ToString("G5", CultureInfo.InvariantCulture)}" : "")}, expected {c.Expectation}";

    private static bool Within(string key, ReportQuery query) =>
        (query.From is not { } from || string.CompareOrdinal(key, from) >= 0)
        && (query.To is not { } to || string.CompareOrdinal(key, to) <= 0 || key.StartsWith(to, StringComparison.Ordinal));

    private static string Window(IReadOnlySet<string> keys) => keys.Count == 1 ? keys.First() : $"{keys.Min(StringComparer.Ordinal)} to {keys.Max(StringComparer.Ordinal)}";

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
