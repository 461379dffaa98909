namespace Serverless.Checks;

/// <summary>Different values, as a share of the rows that have a value. Unit: fraction. Source: Deequ, Distinctness.</summary>
internal sealed class DistinctnessCheck : ICheck
{
    public string Name => "distinctness";

    public CheckTarget Target => CheckTarget.Columns;

    public ValueRange Range => ValueRange.Share;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Groups)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Groups(0).Groups, row.Groups(0).Rows);
}
