using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>
/// Share of the rows that match a regular expression (RE2 syntax) somewhere; an empty value does not match. Unit: fraction. Source: Deequ, PatternMatch. The expression is
/// the file's own or one with a name (see <see cref="NamedPatterns"/>). RE2 takes time linear in the text, whatever the expression.
/// </summary>
internal sealed class PatternCheck : ICheck
{
    public string Name => "pattern";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.String];

    public IReadOnlyList<CheckParameter> Parameters => [new("pattern", CheckParameterKind.Text), new("kind", CheckParameterKind.Choice, Options: NamedPatterns.Names)];

    public Constraint Default => new(Min: 1);

    public ValueRange Range => ValueRange.Share;

    public IEnumerable<(string Parameter, string Problem)> Problems(CheckScope scope, IReadOnlyList<ColumnDefinition> columns) => (scope.Text("pattern"), scope.Text("kind")) switch
    {
        (null, null) => [("check", $"needs 'pattern' (a regular expression) or 'kind' ({string.Join(", ", NamedPatterns.Names)}).")],
        (not null, not null) => [("kind", "has both 'pattern' and 'kind'; keep one.")],
        ({ } pattern, null) when PatternText.Problem(pattern) is { } wrong => [("pattern", wrong)],
        _ => [],
    };

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) =>
        [scope.WithText(AggregateKind.Matches, scope.Text("pattern") ?? NamedPatterns.Find(scope.Text("kind")!)), scope.Rows()];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.Share(row.Count(0), row.Count(1));
}
