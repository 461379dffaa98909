namespace Serverless.Checks;

/// <summary>Number of different values, exact. Source: Deequ, CountDistinct.</summary>
internal sealed class CountDistinctCheck : ICheck
{
    public string Name => "count-distinct";

    public CheckTarget Target => CheckTarget.Columns;

    public ValueRange Range => ValueRange.Count;

    public bool GrowsWithRows => true;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Groups)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Of(row.Groups(0).Groups);
}
