using System.Globalization;
using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Quantile of the filled values, interpolated linearly between neighbours. Unit: of the column. Source: Deequ, ApproxQuantile (here exact).</summary>
internal sealed class QuantileCheck : ICheck
{
    public string Name => "quantile";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.Integer, ColumnType.Number];

    public IReadOnlyList<CheckParameter> Parameters => [new("probability", CheckParameterKind.Number, Required: true, Min: 0, Max: 1)];

    public string Label(CheckScope scope) => $"{scope.Column}, {scope.Text("probability")}";

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) =>
        [new(AggregateKind.Quantile, scope.Columns, scope.Where, Probability: double.Parse(scope.Parameters["probability"].Text, CultureInfo.InvariantCulture))];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.OfNullable(row.Figure(0));
}
