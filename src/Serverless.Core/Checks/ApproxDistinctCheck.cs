namespace Serverless.Checks;

/// <summary>Estimated number of different values (exact for few, then HyperLogLog: standard error 1.6 %). Source: Deequ, ApproxCountDistinct.</summary>
internal sealed class ApproxDistinctCheck : ICheck
{
    public string Name => "approx-distinct";

    public CheckTarget Target => CheckTarget.Column;

    public ValueRange Range => ValueRange.Count;

    public bool GrowsWithRows => true;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Values)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Of(Math.Round(row.Values(0).Distinct));
}
