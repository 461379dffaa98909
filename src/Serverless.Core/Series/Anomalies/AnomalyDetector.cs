using Serverless.Datasets;

namespace Serverless.Series.Anomalies;

/// <summary>Judges series by rules.</summary>
public interface IAnomalyDetector
{
    /// <summary>
    /// Each point at its own position: judged against the points before it, never against later ones, so that what is said of a period does not change when the next ones
    /// come, and a late partition is judged as it would have been in time.
    /// </summary>
    /// <param name="periods">The periods that are wanted; null = all.</param>
    IReadOnlyList<AnomalyResult> Judge(MetricSeries series, AnomalyDefinition rule, IReadOnlySet<string>? periods = null);

    /// <summary>All points of an interval at once against the points outside it, before and after: for looking back, as Deequ does.</summary>
    IReadOnlyList<AnomalyResult> Search(MetricSeries series, AnomalyDefinition rule, string from, string to);
}

internal sealed class AnomalyDetector(AnomalyCatalogue catalogue) : IAnomalyDetector
{
    /// <summary>More periods from first to last than this are a slip in the data (a date of the year 1), not a history.</summary>
    private const int MostPeriods = 200_000;

    public IReadOnlyList<AnomalyResult> Judge(MetricSeries series, AnomalyDefinition rule, IReadOnlySet<string>? periods = null)
    {
        var (strategy, settings, values, slots) = Prepare(series, rule);
        var results = new List<AnomalyResult>();
        for (var i = 0; i < series.Points.Count; i++)
        {
            var point = series.Points[i];
            if (periods?.Contains(point.Period) == false) continue;
            results.Add(slots[i] < 0 ? Unjudged(series, rule, settings, point)
                : Result(series, rule, settings, point, strategy.Detect(values.AsSpan(0, slots[i] + 1), slots[i], slots[i] + 1, settings)[0]));
        }

        return results;
    }

    public IReadOnlyList<AnomalyResult> Search(MetricSeries series, AnomalyDefinition rule, string from, string to)
    {
        var (strategy, settings, values, slots) = Prepare(series, rule);
        int[] within = [.. Enumerable.Range(0, series.Points.Count).Where(i => string.CompareOrdinal(series.Points[i].Period, from) >= 0
            && (string.CompareOrdinal(series.Points[i].Period, to) <= 0 || series.Points[i].Period.StartsWith(to, StringComparison.Ordinal)))];
        int[] judged = [.. within.Where(i => slots[i] >= 0)];
        if (judged.Length == 0) return [.. within.Select(i => Unjudged(series, rule, settings, series.Points[i]))];
        var start = slots[judged[0]];
        var judgements = strategy.Detect(values, start, slots[judged[^1]] + 1, settings);
        return [.. within.Select(i => slots[i] < 0 ? Unjudged(series, rule, settings, series.Points[i])
            : Result(series, rule, settings, series.Points[i], judgements[slots[i] - start]))];
    }

    /// <summary>The values as the strategy wants them, and for each point its place among them (-1: it has no value).</summary>
    private (IAnomalyStrategy Strategy, StrategySettings Settings, double[] Values, int[] Slots) Prepare(MetricSeries series, AnomalyDefinition rule)
    {
        var strategy = catalogue.Find(rule.Strategy.Text);
        var settings = catalogue.Settings(rule, series.Grain);
        var slots = new int[series.Points.Count];
        var values = new List<double>(slots.Length);
        int? first = null;
        for (var i = 0; i < slots.Length; i++)
        {
            var value = series.Points[i].Value is { } v && double.IsFinite(v) ? v : double.NaN;
            if (double.IsNaN(value))
            {
                slots[i] = -1;
                continue;
            }

            if (strategy.NeedsEveryPeriod)
            {
                var number = Periods.Number(series.Points[i].Period, series.Grain)!.Value;
                var slot = number - (first ??= number);

                // After a hole as wide as this, the history begins anew.
                if (slot - values.Count > MostPeriods)
                {
                    for (var j = 0; j < i; j++) slots[j] = -1;
                    values.Clear();
                    (first, slot) = (number, 0);
                }

                while (values.Count < slot) values.Add(double.NaN);
            }

            slots[i] = values.Count;
            values.Add(value);
        }

        return (strategy, settings, [.. values], slots);
    }

    private static AnomalyResult Unjudged(MetricSeries series, AnomalyDefinition rule, StrategySettings settings, SeriesPoint point) =>
        Result(series, rule, settings, point, Judgement.Not(0, 0, point.Value is null ? $"no value: {point.Reason ?? "not computed"}" : "the value is not finite, or too far from the others in time"));

    private static AnomalyResult Result(MetricSeries series, AnomalyDefinition rule, StrategySettings settings, SeriesPoint point, Judgement judgement) => new()
    {
        Metric = series.Metric,
        Strategy = rule.Strategy.Text,
        Parameters = settings.Values,
        Severity = rule.Severity,
        Period = point.Period,
        Partition = point.Partition,
        Value = point.Value,
        Lower = judgement.Lower,
        Upper = judgement.Upper,
        Anomalous = judgement.Anomalous,
        NotApplicable = judgement.NotApplicable,
    };
}
