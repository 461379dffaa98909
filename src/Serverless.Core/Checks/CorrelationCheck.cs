using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Pearson's correlation of two columns, over the rows in which both are filled. Unit: -1 to 1. Source: Deequ, Correlation.</summary>
internal sealed class CorrelationCheck : ICheck
{
    public string Name => "correlation";

    public CheckTarget Target => CheckTarget.Pair;

    public IReadOnlyList<ColumnType> Types => [ColumnType.Integer, ColumnType.Number];

    public ValueRange Range => ValueRange.Correlation;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.CoMoments)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => row.CoMoments(0) is not { Count: > 0 } moments ? Metric.NotApplicable("no rows with both")
        : moments.Correlation is { } r ? Metric.Of(r) : Metric.NotApplicable("a column is constant");
}
