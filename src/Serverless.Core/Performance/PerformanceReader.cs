using Serverless.Feedback;
using System.Globalization;
using Serverless.Models;
using Serverless.Rollouts;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Performance;

/// <inheritdoc cref="IPerformance"/>
internal sealed class PerformanceReader(Workspace workspace, IObjectStore objects, RealisedStore store, JoinStates states, FeedbackOptions options, TimeProvider time) : IPerformance
{
    private const double MuchOutside = 0.1, HalfLabelled = 0.5, OftenWithin = 0.8;
    private const int DaysToJudge = 3;

    public async Task<ModelOutcomes> ReadAsync(string model, int days = 90, CancellationToken cancel = default)
    {
        var definition = workspace.Model(model);
        var realised = new List<RealisedDay>();
        foreach (var day in (await store.SourcesAsync(model, cancel)).Keys.Order(StringComparer.Ordinal).TakeLast(days))
        {
            if (await store.DayAsync(model, DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture), cancel) is { } known) realised.Add(known);
        }

        var rows = new List<EstimateRow>();
        foreach (var day in await EstimatedAsync(model, days, cancel))
        {
            var labels = realised.FirstOrDefault(r => r.Day == day.Day)?.Groups ?? [];
            rows.AddRange(day.Groups.Select(g => Beside(definition, day.Day, g, labels.FirstOrDefault(l => l.Version == g.Version && l.Variant == g.Variant))));
        }

        var record = Record(rows);
        List<string> warnings = [.. Warnings(definition, rows, record)];
        // Of several models together, so each says it: whoever looks at one does not look elsewhere.
        var unassigned = workspace.Models.Count > 1 ? UnmatchedFeedback.Of((await states.ReadAsync(FeedbackStreams.Unassigned, cancel)).State, time.GetUtcNow(), options) : null;
        if (unassigned is { Waiting: > 0 }) warnings.Add(PerformanceSignals.Words(unassigned.Waiting, unassigned) + ".");
        return new ModelOutcomes { Model = model, Summary = await store.SummaryAsync(model, cancel), Days = realised, Estimates = rows, EstimateError = record, Warnings = warnings };
    }

    private async Task<List<EstimatedDay>> EstimatedAsync(string model, int days, CancellationToken cancel)
    {
        var keys = new List<string>();
        await foreach (var found in objects.ListAsync(RealisedStore.Folder(model) + "estimated-date=", cancel: cancel)) keys.Add(found.Key);
        var all = new List<EstimatedDay>();
        foreach (var key in keys.TakeLast(days)) if (await store.ReadAsync<EstimatedDay>(key, d => d.SchemaVersion, cancel) is { } day) all.Add(day);
        return all;
    }

    private static EstimateRow Beside(ModelDefinition model, DateOnly day, EstimatedGroup group, RealisedGroup? labels) => new()
    {
        Day = day, Version = group.Version, Variant = group.Variant, Rows = group.Rows, Labelled = labels?.Labelled ?? 0, Method = group.Method, Confusion = group.Confusion, Outside = group.Outside, Note = group.Note,
        Metrics = group.Metrics.ToDictionary(m => m.Key, m =>
        {
            // More labels than rows: the present day has gone on since it was estimated.
            double? known = labels is not null && labels.Labelled >= model.Feedback.MinLabels && labels.Labelled <= group.Rows && labels.Metrics.TryGetValue(m.Key, out var value) ? value : null;
            return new EstimateBeside(m.Value.Value, m.Value.SamplingError, m.Value.Lower, m.Value.Upper, known, m.Value.Value - known);
        }),
    };

    // Days whose labels are of half of the predictions at least: of fewer, the labels may be of easier or harder cases.
    private static Dictionary<string, EstimateRecord> Record(List<EstimateRow> rows) =>
        rows.Where(r => r.Variant != RolloutVariant.Shadow && r.Labelled >= HalfLabelled * r.Rows).SelectMany(r => r.Metrics).Where(m => m.Value.Error is not null).GroupBy(m => m.Key, m => m.Value)
            .ToDictionary(g => g.Key, g => new EstimateRecord(g.Count(), g.Average(e => Math.Abs(e.Error!.Value)), g.Average(e => e.Error!.Value),
                g.All(e => e.Lower is null) ? null : g.Where(e => e.Lower is not null).Average(e => e.Realised >= e.Lower && e.Realised <= e.Upper ? 1.0 : 0)));

    private static IEnumerable<string> Warnings(ModelDefinition model, List<EstimateRow> rows, Dictionary<string, EstimateRecord> record)
    {
        var metric = RealisedMeasuring.MetricOf(model);
        if (record.GetValueOrDefault(metric) is { Days: >= DaysToJudge, Within: { } within } known && within < OftenWithin)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"estimates of {metric} were wrong where labels came: on {Math.Round(within * known.Days):0} of {known.Days} days what came true lay within the interval, and they were off by {known.MeanAbsoluteError:0.####} on average "
                + $"({(known.Bias > 0 ? "too high" : "too low")} by {Math.Abs(known.Bias):0.####}). What follows from the inputs has changed, which no estimate can see.");
        }

        if (rows.LastOrDefault(r => r.Outside is not null) is { Outside: > MuchOutside } last)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{last.Outside:0 %} of the answers of {last.Day:yyyy-MM-dd} lie where the reference has hardly any: the estimate is a guess there.");
        }

        foreach (var note in rows.Where(r => r.Note is not null).Select(r => $"version {r.Version} cannot be estimated: {r.Note}").Distinct()) yield return note;
    }
}
