namespace Serverless.Series.Anomalies;

/// <summary>
/// The value is too many standard deviations from the running mean; both are brought up to date with each value, the judged one included (so that with factor k nothing
/// can be anomalous among the first k² + 1 values). Anomalous values do not enter them, unless <c>ignoreAnomalies</c> is false.
/// Source: Deequ, OnlineNormalStrategy; T. Finch, "Incremental calculation of weighted mean and variance" (2009).
/// </summary>
internal sealed class OnlineNormal : IAnomalyStrategy
{
    private static readonly StrategyParameter IgnoreStart = new("ignoreStartPercentage", StrategyParameterKind.Number, "0.1", 0, 1);
    private static readonly StrategyParameter IgnoreAnomalies = new("ignoreAnomalies", StrategyParameterKind.Flag, "true");

    public string Name => "online-normal";

    public IReadOnlyList<StrategyParameter> Parameters => [Normal.LowerFactor, Normal.UpperFactor, IgnoreStart, IgnoreAnomalies, Limits.MinHistory];

    public IEnumerable<string> Problems(StrategySettings settings) => Normal.Problems(settings);

    public IReadOnlyList<Judgement> Detect(ReadOnlySpan<double> series, int start, int end, StrategySettings settings)
    {
        var least = settings.Whole(Limits.MinHistory.Name);
        var skipped = series.Length * settings.Number(IgnoreStart.Name)!.Value;
        var judgements = new List<Judgement>(end - start);
        Walk(series, settings, (i, value, mean, deviation) =>
        {
            if (i < start || i >= end) return false;
            if (i < least || i < skipped)
            {
                judgements.Add(Judgement.Not(i, value, i < least ? Limits.TooFew(least, i) : $"within the first {settings.Values[IgnoreStart.Name]} of the history, which {IgnoreStart.Name} leaves out"));
                return false;
            }

            var (lower, upper) = Normal.Bounds(mean, deviation, settings);
            judgements.Add(Judgement.Within(i, value, lower, upper));
            return judgements[^1].Anomalous;
        });
        return judgements;
    }

    /// <summary>Mean and population standard deviation after the last value.</summary>
    /// <param name="judge">Index, value, mean and deviation with it; whether it is anomalous.</param>
    internal static (double Mean, double Deviation) Walk(ReadOnlySpan<double> series, StrategySettings settings, Func<int, double, double, double, bool> judge)
    {
        var ignore = settings.Flag(IgnoreAnomalies.Name);
        double mean = 0, squares = 0, deviation = 0;
        for (var i = 0; i < series.Length; i++)
        {
            var newMean = i == 0 ? series[i] : mean + ((series[i] - mean) / (i + 1));
            var newSquares = squares + ((series[i] - mean) * (series[i] - newMean));
            var newDeviation = Math.Sqrt(newSquares / (i + 1));
            if (judge(i, series[i], newMean, newDeviation) && ignore) continue;
            (mean, squares, deviation) = (newMean, newSquares, newDeviation);
        }

        return (mean, deviation);
    }
}
