namespace Serverless.Checks;

/// <summary>Share of rows for which an SQL condition holds. Unit: fraction. Source: Deequ, Compliance.</summary>
internal sealed class ComplianceCheck : ICheck
{
    public string Name => "compliance";

    public CheckTarget Target => CheckTarget.Table;

    public IReadOnlyList<CheckParameter> Parameters => [new("condition", CheckParameterKind.Text, Required: true)];

    public Constraint Default => new(Min: 1);

    public ValueRange Range => ValueRange.Share;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.WithText(AggregateKind.CountIf, scope.Parameters["condition"].Text), scope.Rows()];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Count(0), row.Count(1));
}
