using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Arithmetic mean of the filled values. Unit: of the column. Source: Deequ, Mean.</summary>
internal sealed class MeanCheck : ICheck
{
    public string Name => "mean";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.Integer, ColumnType.Number];

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Moments)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => row.Moments(0) is { Count: > 0 } m ? Metric.Of(m.Mean) : Metric.NotApplicable("no values");
}
