namespace Serverless.Checks;

/// <summary>Share of the contracted columns that the drop has. Unit: fraction. Columns outside the contract are not stored, and not counted here.</summary>
internal sealed class ColumnNamesCheck : ICheck
{
    public string Name => "column-names";

    public CheckTarget Target => CheckTarget.Table;

    public Constraint Default => new(Min: 1);

    public ValueRange Range => ValueRange.Share;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [new(AggregateKind.Columns, [])];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => row.Columns(0) is { Contracted: > 0 } c ? Metric.Share(c.Contracted - c.Missing, c.Contracted) : Metric.NotApplicable("no drop to look at");
}
