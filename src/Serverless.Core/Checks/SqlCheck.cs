namespace Serverless.Checks;

/// <summary>The one number that a query over <c>data</c>, the rows of the partition, answers. The query is read in a database of its own that holds these rows and nothing else, closed against files, the network and settings.</summary>
internal sealed class SqlCheck : ICheck
{
    public string Name => "sql";

    public CheckTarget Target => CheckTarget.Table;

    public IReadOnlyList<CheckParameter> Parameters => [new("query", CheckParameterKind.Text, Required: true), new("name", CheckParameterKind.Text)];

    public string? Label(CheckScope scope) => scope.Text("name");

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [new(AggregateKind.Query, [], scope.Where, scope.Text("query"))];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => Metric.OfNullable(row.Figure(0));
}
