using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Share of the rows whose number is on the right side of zero; an empty value counts as such.</summary>
internal abstract class SignCheck(string name, string comparison) : ICheck
{
    public string Name => name;

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.Integer, ColumnType.Number];

    public Constraint Default => new(Min: 1);

    public ValueRange Range => ValueRange.Share;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [new(AggregateKind.Compares, scope.Columns, scope.Where, comparison, ["0"]), scope.Count(), scope.Rows()];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Count(0) + row.Count(2) - row.Count(1), row.Count(2));
}
