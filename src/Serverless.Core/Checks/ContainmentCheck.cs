using System.Globalization;
using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>
/// Share of the rows whose value is in a list of allowed ones, or lies between two bounds (both included); an empty value counts as allowed. Unit: fraction.
/// Source: Deequ, isContainedIn.
/// </summary>
internal sealed class ContainmentCheck : ICheck
{
    public string Name => "containment";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<CheckParameter> Parameters =>
        [new("values", CheckParameterKind.List), new("from", CheckParameterKind.Number), new("to", CheckParameterKind.Number)];

    public Constraint Default => new(Min: 1);

    public ValueRange Range => ValueRange.Share;

    public IEnumerable<(string Parameter, string Problem)> Problems(CheckScope scope, IReadOnlyList<ColumnDefinition> columns)
    {
        var (from, to, listed) = (scope.Text("from"), scope.Text("to"), scope.Parameters.ContainsKey("values"));
        if (!listed && from is null && to is null) yield return ("check", "needs 'values' (a list) or a range ('from', 'to').");
        if (listed && (from ?? to) is not null) yield return (from is null ? "to" : "from", "has both 'values' and a range; keep one.");
        if ((from ?? to) is not null && columns.Any(c => c.Type is not (ColumnType.Integer or ColumnType.Number)))
        {
            yield return (from is null ? "to" : "from", "a range applies to integer or number columns.");
        }

        if (Read(from) is { } least && Read(to) is { } most && least > most) yield return ("from", $"from {from} is greater than to {to}.");
    }

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) =>
    [
        scope.Parameters.TryGetValue("values", out var values) ? new(AggregateKind.In, scope.Columns, scope.Where, Values: values.Items)
            : new(AggregateKind.Between, scope.Columns, scope.Where, Values: [scope.Text("from") ?? "", scope.Text("to") ?? ""]),
        scope.Count(), scope.Rows(),
    ];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Count(0) + row.Count(2) - row.Count(1), row.Count(2));

    private static double? Read(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
}
