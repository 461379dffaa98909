namespace Serverless.Checks;

/// <summary>Share of the rows in the greatest bin of the histogram of the values (the empty ones are a bin). Unit: fraction. Source: Deequ, Histogram.</summary>
internal sealed class HistogramTopShareCheck : ICheck
{
    public string Name => "histogram-top-share";

    public CheckTarget Target => CheckTarget.Column;

    public ValueRange Range => ValueRange.Share;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Groups), scope.Rows()];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(Math.Max(row.Groups(0).Most, row.Count(1) - row.Groups(0).Rows), row.Count(1));
}
