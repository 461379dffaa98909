using Serverless.Datasets;
using Serverless.Workspaces;

namespace Serverless.Checks;

/// <summary>Age of the newest timestamp. Unit: seconds; negative when it lies in the future of what it is compared with: the arrival of the drop, the end of its partition, or now.</summary>
internal sealed class FreshnessCheck : ICheck
{
    public string Name => "freshness";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<ColumnType> Types => [ColumnType.Timestamp];

    public IReadOnlyList<CheckParameter> Parameters =>
        [new("within", CheckParameterKind.Duration), new("of", CheckParameterKind.Choice, Options: ["arrival", "end", "now"])];

    public Constraint? Limit(CheckScope scope) => scope.Text("within") is { } within && Durations.TryParse(within, out var most) ? new Constraint(Max: most.TotalSeconds) : null;

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) =>
        [scope.Of(AggregateKind.Times), new(AggregateKind.Reference, [], Text: scope.Text("of") ?? "arrival")];

    public Metric Evaluate(AggregateRow row, CheckScope scope) => (row.Extremes(0).Max, row.Extremes(1).Max) switch
    {
        (null, _) => Metric.NotApplicable("no timestamps"),
        (_, null) => Metric.NotApplicable("the rows are no partition: there is nothing to compare their age with"),
        ({ } newest, { } reference) => Metric.Of((reference - newest) / 1e6),
    };
}
