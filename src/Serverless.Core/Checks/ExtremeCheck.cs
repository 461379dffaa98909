using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>The least or the greatest of something: the shape that the checks of values and of lengths share.</summary>
internal abstract class ExtremeCheck(string name, AggregateKind kind, bool greatest, ValueRange range, params ColumnType[] types) : ICheck
{
    public string Name => name;

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => types;

    public ValueRange Range => range;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(kind)];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.OfNullable(greatest ? row.Extremes(0).Max : row.Extremes(0).Min);
}
