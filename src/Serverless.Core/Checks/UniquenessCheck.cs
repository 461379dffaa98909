namespace Serverless.Checks;

/// <summary>Values that occur exactly once, as a share of the rows that have a value. Unit: fraction. Source: Deequ, Uniqueness.</summary>
internal sealed class UniquenessCheck : ICheck
{
    public string Name => "uniqueness";

    public CheckTarget Target => CheckTarget.Columns;

    public Constraint Default => new(Min: 1);

    public ValueRange Range => ValueRange.Share;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Groups)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Groups(0).Unique, row.Groups(0).Rows);
}
