namespace Serverless.Series.Anomalies;

/// <summary>
/// The difference of some order is out of bounds: order 1 is the change against the value before, order 2 the change of that change; order 0 the value itself.
/// Unit of min and max: of the metric. Source: Deequ, AbsoluteChangeStrategy.
/// </summary>
internal sealed class AbsoluteChange : IAnomalyStrategy
{
    public string Name => "absolute-change";

    public IReadOnlyList<StrategyParameter> Parameters => [Limits.Min, Limits.Max, Limits.Order(0)];

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

            var change = Difference(series[(i - order)..(i + 1)]);

            // The newest value enters the difference with factor one, so bounds of the change are bounds of the value, moved.
            var rest = series[i] - change;
            var judged = Judgement.Within(i, series[i], rest + Limits.Lower(settings), rest + Limits.Upper(settings));
            judgements.Add(judged with { Anomalous = change < Limits.Lower(settings) || change > Limits.Upper(settings) });
        }

        return judgements;
    }

    /// <summary>The difference whose order is one less than the number of values.</summary>
    internal static double Difference(ReadOnlySpan<double> values)
    {
        Span<double> d = stackalloc double[values.Length];
        values.CopyTo(d);
        for (var left = d.Length - 1; left > 0; left--)
        {
            for (var j = 0; j < left; j++) d[j] = d[j + 1] - d[j];
        }

        return d[0];
    }
}
