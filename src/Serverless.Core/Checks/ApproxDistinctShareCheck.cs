namespace Serverless.Checks;

/// <summary>Estimated number of different values (see <see cref="ApproxDistinctCheck"/>), as a share of the filled ones. Unit: fraction. Source: Deequ, ApproxCountDistinct over Completeness.</summary>
internal sealed class ApproxDistinctShareCheck : ICheck
{
    public string Name => "approx-distinct-share";

    public CheckTarget Target => CheckTarget.Column;

    public ValueRange Range => ValueRange.Share;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Values)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) =>
        row.Values(0) is { Count: > 0 } values ? Metric.Of(Math.Min(1, Math.Round(values.Distinct) / values.Count)) : Metric.NotApplicable("no values");
}
