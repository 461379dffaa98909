using Serverless.Datasets;
using Serverless.Series.Anomalies;

namespace Serverless.Core.Tests.Series.Anomalies;

internal static class Strategies
{
    public static StrategySettings With(this IAnomalyStrategy strategy, params (string Name, string Value)[] given) =>
        new(strategy, given.ToDictionary(g => g.Name, g => g.Value), PartitionGrain.Day);

    public static StrategySettings Monthly(this IAnomalyStrategy strategy, params (string Name, string Value)[] given) =>
        new(strategy, given.ToDictionary(g => g.Name, g => g.Value), PartitionGrain.Month);

    /// <summary>Indices of the anomalous values; every one is outside the bounds that were reported with it, and no other is.</summary>
    public static int[] Anomalous(this IAnomalyStrategy strategy, double[] series, StrategySettings settings, int start = 0, int? end = null)
    {
        var judgements = strategy.Detect(series, start, end ?? series.Length, settings);
        judgements.Select(j => j.Index).ShouldBe(Enumerable.Range(start, (end ?? series.Length) - start));
        foreach (var j in judgements.Where(j => j.NotApplicable is null))
        {
            j.Value.ShouldBe(series[j.Index]);
            (j.Value < (j.Lower ?? double.NegativeInfinity) || j.Value > (j.Upper ?? double.PositiveInfinity)).ShouldBe(j.Anomalous, $"{j}");
        }

        judgements.Where(j => j.NotApplicable is not null).ShouldAllBe(j => !j.Anomalous && j.Lower == null && j.Upper == null);
        return [.. judgements.Where(j => j.Anomalous).Select(j => j.Index)];
    }

    public static int[] Range(int from, int to, int by = 1) => [.. Enumerable.Range(0, ((to - from) / by) + 1).Select(i => from + (i * by))];
}
