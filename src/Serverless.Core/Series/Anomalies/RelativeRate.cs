namespace Serverless.Series.Anomalies;

/// <summary>
/// The value divided by the one <c>order</c> places before it is out of bounds: max 2 allows up to twice as much, min 0.5 at least half. After a zero, any growth is
/// beyond every max; zero after zero is no change. Source: Deequ, RelativeRateOfChangeStrategy.
/// </summary>
internal sealed class RelativeRate : IAnomalyStrategy
{
    public string Name => "relative-rate";

    public IReadOnlyList<StrategyParameter> Parameters => [Limits.Min, Limits.Max, Limits.Order(1)];

    public IEnumerable<string> Problems(StrategySettings settings) => Limits.Problems(settings);

    public IReadOnlyList<Judgement> Detect(ReadOnlySpan<double> series, int start, int end, StrategySettings settings)
    {
        var order = settings.Whole("order");
        var judgements = new List<Judgement>(end - start);
        for (var i = start; i < end; i++)
        {
            if (i < order)
            {
                judgements.Add(Judgement.Not(i, series[i], Limits.TooFew(order, i)));
                continue;
            }

            var before = series[i - order];
            var rate = series[i] / before;

            // Of a negative value the smaller multiple is the greater number; of zero, every finite multiple is zero.
            double a = Bound(Limits.Lower(settings), before), b = Bound(Limits.Upper(settings), before);
            var judged = before >= 0 ? Judgement.Within(i, series[i], a, b) : Judgement.Within(i, series[i], b, a);
            judgements.Add(judged with { Anomalous = rate < Limits.Lower(settings) || rate > Limits.Upper(settings) });
        }

        return judgements;
    }

    private static double Bound(double limit, double before) => double.IsInfinity(limit) ? (before < 0 ? -limit : limit) : limit * before;
}
