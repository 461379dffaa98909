namespace Serverless.Series.Anomalies;

/// <summary>The value itself is out of bounds. Source: Deequ, SimpleThresholdStrategy.</summary>
internal sealed class Threshold : IAnomalyStrategy
{
    public string Name => "threshold";

    public IReadOnlyList<StrategyParameter> Parameters => [Limits.Min, Limits.Max];

    public IEnumerable<string> Problems(StrategySettings settings) => Limits.Problems(settings);

    public IReadOnlyList<Judgement> Detect(ReadOnlySpan<double> series, int start, int end, StrategySettings settings)
    {
        var judgements = new List<Judgement>(end - start);
        for (var i = start; i < end; i++) judgements.Add(Judgement.Within(i, series[i], Limits.Lower(settings), Limits.Upper(settings)));
        return judgements;
    }
}
