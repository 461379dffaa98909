using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Share of the filled values that match a regular expression (RE2 syntax) somewhere. Unit: fraction. Source: Deequ, PatternMatch.</summary>
internal sealed class PatternCheck : ICheck
{
    public string Name => "pattern";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.String];

    public IReadOnlyList<CheckParameter> Parameters => [new("pattern", CheckParameterKind.Text, Required: true)];

    public Constraint Default => new(Min: 1);

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.WithText(AggregateKind.Matches, scope.Parameters["pattern"].Text), scope.Count()];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Count(0), row.Count(1));
}
