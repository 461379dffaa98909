namespace Serverless.Checks;

/// <summary>Share of rows in which a column is filled. Unit: fraction in [0, 1]. Source: Deequ, Completeness.</summary>
internal sealed class CompletenessCheck : ICheck
{
    public string Name => "completeness";

    public CheckTarget Target => CheckTarget.Column;

    public Constraint Default => new(Min: 1);

    public ValueRange Range => ValueRange.Share;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Count(), scope.Rows()];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Count(0), row.Count(1));
}
