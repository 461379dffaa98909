using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Number of characters of the shortest text. Source: Deequ, MinLength.</summary>
internal sealed class MinLengthCheck : ICheck
{
    public string Name => "min-length";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.String];

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Lengths)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.OfNullable(row.Extremes(0).Min);
}
