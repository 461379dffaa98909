namespace Serverless.Checks;

/// <summary>Number of bins of the histogram of the values: one for each different value, and one for the empty ones where there are any. Source: Deequ, Histogram.</summary>
internal sealed class HistogramBinsCheck : ICheck
{
    public string Name => "histogram-bins";

    public CheckTarget Target => CheckTarget.Column;

    public ValueRange Range => ValueRange.Count;

    public bool GrowsWithRows => true;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Groups), scope.Rows()];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Of(row.Groups(0).Groups + (row.Count(1) > row.Groups(0).Rows ? 1 : 0));
}
