using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Sum of the filled values. Unit: of the column. Source: Deequ, Sum.</summary>
internal sealed class SumCheck : ICheck
{
    public string Name => "sum";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.Integer, ColumnType.Number];

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Moments)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => row.Moments(0) is { Count: > 0 } m ? Metric.Of(m.Sum) : Metric.NotApplicable("no values");
}
