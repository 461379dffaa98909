namespace Serverless.Checks;

/// <summary>Shannon entropy of the values. Unit: nats. Source: Deequ, Entropy.</summary>
internal sealed class EntropyCheck : ICheck
{
    public string Name => "entropy";

    public CheckTarget Target => CheckTarget.Columns;

    public ValueRange Range => ValueRange.NotNegative;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Groups)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => row.Groups(0).Rows == 0 ? Metric.NotApplicable("no values") : Metric.Of(row.Groups(0).Entropy);
}
