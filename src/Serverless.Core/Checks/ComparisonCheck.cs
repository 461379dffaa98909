using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Share of the rows in which the first column compares with the second as <c>operator</c> says; a row with an empty one does not. Unit: fraction. Source: Deequ, isLessThan, isLessThanOrEqualTo, isGreaterThan, isGreaterThanOrEqualTo.</summary>
internal sealed class ComparisonCheck : ICheck
{
    public string Name => "comparison";

    public CheckTarget Target => CheckTarget.Pair;

    public IReadOnlyList<CheckParameter> Parameters => [new("operator", CheckParameterKind.Choice, Required: true, Options: ["<", "<=", "=", ">=", ">", "<>"])];

    public Constraint Default => new(Min: 1);

    public ValueRange Range => ValueRange.Share;

    public IEnumerable<(string Parameter, string Problem)> Problems(CheckScope scope, IReadOnlyList<ColumnDefinition> columns)
    {
        static string Kind(ColumnDefinition column) => column.Type is ColumnType.Integer or ColumnType.Number ? "a number" : column.Type.ToString().ToLowerInvariant();
        if (columns.Count == 2 && Kind(columns[0]) != Kind(columns[1]))
        {
            yield return ("columns", $"'{columns[0].Name}' is {Kind(columns[0])} and '{columns[1].Name}' {Kind(columns[1])}: they do not compare.");
        }
    }

    public string Label(CheckScope scope) => string.Join($" {scope.Text("operator")} ", scope.Columns);

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.WithText(AggregateKind.Compares, scope.Text("operator")!), scope.Rows()];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Count(0), row.Count(1));
}
