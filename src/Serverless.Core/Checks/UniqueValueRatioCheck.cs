namespace Serverless.Checks;

/// <summary>Values that occur exactly once, as a share of the different values. Unit: fraction. Source: Deequ, UniqueValueRatio.</summary>
internal sealed class UniqueValueRatioCheck : ICheck
{
    public string Name => "unique-value-ratio";

    public CheckTarget Target => CheckTarget.Columns;

    public ValueRange Range => ValueRange.Share;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Groups)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Groups(0).Unique, row.Groups(0).Groups);
}
