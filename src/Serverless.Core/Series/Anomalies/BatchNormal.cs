using Serverless.Checks;

namespace Serverless.Series.Anomalies;

/// <summary>
/// The value is too many (sample) standard deviations from the mean of the values outside the judged interval; with <c>includeInterval</c> of all values.
/// Source: Deequ, BatchNormalStrategy.
/// </summary>
internal sealed class BatchNormal : IAnomalyStrategy
{
    private static readonly StrategyParameter IncludeInterval = new("includeInterval", StrategyParameterKind.Flag, "false");

    public string Name => "batch-normal";

    public IReadOnlyList<StrategyParameter> Parameters => [Normal.LowerFactor, Normal.UpperFactor, IncludeInterval, Limits.MinHistory];

    public IEnumerable<string> Problems(StrategySettings settings) => Normal.Problems(settings);

    public IReadOnlyList<Judgement> Detect(ReadOnlySpan<double> series, int start, int end, StrategySettings settings)
    {
        var include = settings.Flag(IncludeInterval.Name);
        var moments = new MomentsState(0, 0, 0);
        for (var i = 0; i < series.Length; i++)
        {
            if (include || i < start || i >= end) moments = (MomentsState)moments.Merge(new MomentsState(1, series[i], 0));
        }

        var least = settings.Whole(Limits.MinHistory.Name);
        var deviation = moments.Count > 1 ? Math.Sqrt(moments.SquaredDeviations / (moments.Count - 1)) : 0;
        var (lower, upper) = Normal.Bounds(moments.Mean, deviation, settings);
        var judgements = new List<Judgement>(end - start);
        for (var i = start; i < end; i++)
        {
            judgements.Add(moments.Count < least ? Judgement.Not(i, series[i], Limits.TooFew(least, (int)moments.Count)) : Judgement.Within(i, series[i], lower, upper));
        }

        return judgements;
    }
}
