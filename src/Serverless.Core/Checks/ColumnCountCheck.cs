namespace Serverless.Checks;

/// <summary>Number of columns of the drop, contracted or not; of several drops the greatest. Source: Deequ, ColumnCount.</summary>
internal sealed class ColumnCountCheck : ICheck
{
    public string Name => "column-count";

    public CheckTarget Target => CheckTarget.Table;

    public ValueRange Range => ValueRange.Count;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [new(AggregateKind.Columns, [])];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => row.Columns(0) is { Contracted: > 0 } c ? Metric.Of(c.Columns) : Metric.NotApplicable("no drop to look at");
}
