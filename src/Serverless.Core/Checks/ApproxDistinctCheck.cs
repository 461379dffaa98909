namespace Serverless.Checks;

/// <summary>Estimated number of different values (HyperLogLog, a few per cent off). Source: Deequ, ApproxCountDistinct.</summary>
internal sealed class ApproxDistinctCheck : ICheck
{
    public string Name => "approx-distinct";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.ApproxDistinct)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.OfNullable(row.Figure(0));
}
