using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Least value. Unit: of the column. Source: Deequ, Minimum.</summary>
internal sealed class MinCheck : ICheck
{
    public string Name => "min";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.Integer, ColumnType.Number];

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Extremes)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.OfNullable(row.Extremes(0).Min);
}
