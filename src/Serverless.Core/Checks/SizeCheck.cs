namespace Serverless.Checks;

/// <summary>Number of rows. Source: Deequ, Size.</summary>
internal sealed class SizeCheck : ICheck
{
    public string Name => "size";

    public CheckTarget Target => CheckTarget.Table;

    public ValueRange Range => ValueRange.Count;

    public bool GrowsWithRows => true;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Rows()];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Of(row.Count(0));
}
