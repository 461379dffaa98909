namespace Serverless.Checks;

/// <summary>Share of rows that the columns identify: every column filled and the combination found once. Unit: fraction; 1 = a key. Source: Deequ, isPrimaryKey.</summary>
internal sealed class PrimaryKeyCheck : ICheck
{
    public string Name => "primary-key";

    public CheckTarget Target => CheckTarget.Columns;

    public Constraint Default => new(EqualTo: 1);

    public ValueRange Range => ValueRange.Share;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Groups), scope.Rows()];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Groups(0).Keys, row.Count(1));
}
