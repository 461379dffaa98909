using System.Globalization;
using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Feedback;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Rollouts;
using Serverless.Scoring;
using Serverless.Series;
using Serverless.Series.Anomalies;
using Serverless.Storage;

namespace Serverless.Performance;

/// <summary>Turns joined feedback into figures. Only days whose joined predictions changed are computed again.</summary>
internal sealed class RealisedMeasuring(IObjectStore objects, JoinedHours hours, JoinStates states, RealisedStore store, IModelRegistry registry, ConceptDrift drift, IAnomalyDetector anomalies, FeedbackOptions options)
{
    public async Task<RealisedSummary> MeasureAsync(ModelDefinition model, DateTimeOffset now, CancellationToken cancel)
    {
        var schemas = (await registry.VersionsAsync(model.Name, cancel)).ToDictionary(v => v.Version, v => (ModelSchema?)v.Schema);
        var days = await DaysAsync(model, schemas, cancel);
        var from = now - model.Feedback.Window;
        var window = new List<JoinedPrediction>();
        await foreach (var one in hours.ReadAsync(model.Name, from, now.AddHours(1), cancel)) window.Add(one);
        var champion = await registry.AliasAsync(model.Name, Alias.Champion, cancel) is { } number ? await registry.FindAsync(model.Name, number, cancel) : null;
        var mine = champion is null || champion.Schema.Task != model.Task ? [] : window.Where(p => p.Version == champion.Version && p.Role != RolloutVariant.Shadow && RealisedRows.IsLabelled(p, champion.Schema)).ToList();
        var before = await store.SummaryAsync(model.Name, cancel);
        var state = (await states.ReadAsync(model.Name, cancel)).State;
        var summary = new RealisedSummary
        {
            Model = model.Name, At = now, Metric = MetricOf(model), From = from, To = now, Groups = RealisedGroups.Of(model, window, schemas, options.ClockSkew),
            Drift = champion is null || champion.Schema.Task != model.Task ? null : await drift.JudgeAsync(model, champion, mine, from, now, cancel),
            Anomalies = champion is null ? [] : await AnomaliesAsync(model, champion.Version, days, cancel), Unmatched = UnmatchedFeedback.Of(state, now, options), AskedFor = before?.AskedFor, AskedAt = before?.AskedAt,
        };
        await store.PutAsync(summary, cancel);
        return summary;
    }

    /// <summary>The metric by which a model is judged by its outcomes.</summary>
    public static string MetricOf(ModelDefinition model) => model.Feedback.Metric ?? model.Gate.Metric ?? MetricCatalogue.Default(model.Task).Name;

    private async Task<IReadOnlyList<string>> DaysAsync(ModelDefinition model, Dictionary<int, ModelSchema?> schemas, CancellationToken cancel)
    {
        var sources = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var folder = JoinedHours.Folder(model.Name) + "date=";
        await foreach (var hour in objects.ListAsync(folder, cancel: cancel))
        {
            var day = hour.Key.Substring(folder.Length, 10);
            sources[day] = sources.TryGetValue(day, out var before) ? $"{before} {hour.ETag}" : hour.ETag;
        }

        var measured = await store.SourcesAsync(model.Name, cancel);
        foreach (var (key, source) in sources.Where(s => measured.GetValueOrDefault(s.Key) != s.Value))
        {
            var day = DateOnly.ParseExact(key, "yyyy-MM-dd", CultureInfo.InvariantCulture);
            var start = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            var all = new List<JoinedPrediction>();
            await foreach (var one in hours.ReadAsync(model.Name, start, start.AddDays(1), cancel)) all.Add(one);
            await store.PutAsync(new RealisedDay { Model = model.Name, Day = day, Groups = RealisedGroups.Of(model, all, schemas, options.ClockSkew) }, cancel);
        }

        if (sources.Count > 0) await store.PutSourcesAsync(model.Name, sources, cancel);
        return [.. sources.Keys];
    }

    private async Task<IReadOnlyList<AnomalyResult>> AnomaliesAsync(ModelDefinition model, int champion, IReadOnlyList<string> days, CancellationToken cancel)
    {
        if (model.Feedback.Anomalies.Count == 0 || days.Count == 0) return [];
        var values = new List<(string Day, RealisedGroup? Group)>();
        foreach (var day in days)
        {
            var known = await store.DayAsync(model.Name, DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture), cancel);
            values.Add((day, known?.Groups.Where(g => g.Variant != RolloutVariant.Shadow && g.Labelled >= model.Feedback.MinLabels).OrderByDescending(g => g.Version == champion).ThenByDescending(g => g.Labelled).FirstOrDefault()));
        }

        return [.. model.Feedback.Anomalies.SelectMany(rule =>
        {
            SeriesPoint[] points = [.. values.Select(v => v.Group is { } g && g.Metrics.TryGetValue(rule.Metric.Text, out var value)
                ? new SeriesPoint { Period = v.Day, Partition = v.Day, Value = value } : new SeriesPoint { Period = v.Day, Partition = v.Day, Reason = "too few labels" })];
            var series = new MetricSeries { Dataset = model.Name, Metric = rule.Metric.Text, Grain = PartitionGrain.Day, Points = points };
            var newest = points.LastOrDefault(p => p.Value is not null)?.Period;
            return newest is null ? [] : anomalies.Judge(series, rule, new HashSet<string>(StringComparer.Ordinal) { newest });
        })];
    }
}
