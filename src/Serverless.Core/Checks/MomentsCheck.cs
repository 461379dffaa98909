using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>A figure of the moments of a column of numbers; not applicable without values.</summary>
internal abstract class MomentsCheck(string name, Func<MomentsState, double> figure, ValueRange range, bool growsWithRows = false) : ICheck
{
    public string Name => name;

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.Integer, ColumnType.Number];

    public ValueRange Range => range;

    public bool GrowsWithRows => growsWithRows;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.Moments)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => row.Moments(0) is { Count: > 0 } moments ? Metric.Of(figure(moments)) : Metric.NotApplicable("no values");
}
