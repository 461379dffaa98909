namespace Serverless.Checks;

/// <summary>Share of the contracted columns in the drop that stand in the order of the contract. Unit: fraction. JSON Lines have no order.</summary>
internal sealed class ColumnOrderCheck : ICheck
{
    public string Name => "column-order";

    public CheckTarget Target => CheckTarget.Table;

    public Constraint Default => new(Min: 1);

    public ValueRange Range => ValueRange.Share;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [new(AggregateKind.Columns, [])];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => row.Columns(0) is { Misplaced: { } wrong } c ? Metric.Share(c.Contracted - c.Missing - wrong, c.Contracted - c.Missing) : Metric.NotApplicable("no drop with an order of columns");
}
