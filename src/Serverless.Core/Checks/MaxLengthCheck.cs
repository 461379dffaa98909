using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Number of characters of the longest text. Source: Deequ, MaxLength.</summary>
internal sealed class MaxLengthCheck : ICheck
{
    public string Name => "max-length";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.String];

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Lengths)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.OfNullable(row.Extremes(0).Max);
}
