namespace Serverless.Checks;

/// <summary>Share of the filled values that are in a list of allowed ones. Unit: fraction. Source: Deequ, isContainedIn.</summary>
internal sealed class ContainmentCheck : ICheck
{
    public string Name => "containment";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<CheckParameter> Parameters => [new("values", CheckParameterKind.List, Required: true)];

    public Constraint Default => new(Min: 1);

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [new(AggregateKind.In, scope.Columns, scope.Where, Values: scope.Parameters["values"].Items), scope.Count()];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Count(0), row.Count(1));
}
