using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Population standard deviation (n, not n - 1) of the filled values. Unit: of the column. Source: Deequ, StandardDeviation.</summary>
internal sealed class StddevCheck : ICheck
{
    public string Name => "stddev";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.Integer, ColumnType.Number];

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Moments)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => row.Moments(0) is { Count: > 0 } m ? Metric.Of(m.PopulationDeviation) : Metric.NotApplicable("no values");
}
