namespace Serverless.Checks;

/// <summary>How much one column says of another, over the rows in which both are filled. Unit: nats. Source: Deequ, MutualInformation.</summary>
internal sealed class MutualInformationCheck : ICheck
{
    public string Name => "mutual-information";

    public CheckTarget Target => CheckTarget.Pair;

    public ValueRange Range => ValueRange.NotNegative;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Pairs)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => row.Pairs(0) is { Rows: > 0 } pairs ? Metric.Of(pairs.Mutual) : Metric.NotApplicable("no rows with both");
}
