using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Greatest value. Unit: of the column. Source: Deequ, Maximum.</summary>
internal sealed class MaxCheck : ICheck
{
    public string Name => "max";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.Integer, ColumnType.Number];

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Extremes)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.OfNullable(row.Extremes(0).Max);
}
