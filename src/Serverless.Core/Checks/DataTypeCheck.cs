namespace Serverless.Checks;

/// <summary>Share of the filled values whose text reads as a type: integral, fractional, numeric (either), boolean, text (none of them); of all rows for null. Unit: fraction. Source: Deequ, DataType and hasDataType.</summary>
internal sealed class DataTypeCheck : ICheck
{
    public string Name => "data-type";

    public CheckTarget Target => CheckTarget.Column;

    public IReadOnlyList<CheckParameter> Parameters =>
        [new("type", CheckParameterKind.Choice, Required: true, Options: ["integral", "fractional", "numeric", "boolean", "text", "null"])];

    public Constraint Default => new(Min: 1);

    public ValueRange Range => ValueRange.Share;

    public string Label(CheckScope scope) => $"{scope.Column}, {scope.Text("type")}";

    public IReadOnlyList<Aggregate> Aggregates(CheckScope scope) => [scope.Of(AggregateKind.DataTypes)];

    public Metric Evaluate(AggregateRow row, CheckScope scope)
    {
        var found = row.DataTypes(0);
        var filled = found.Fractional + found.Integral + found.Boolean + found.Text;
        return scope.Text("type") switch
        {
            "null" => Metric.Share(found.Nulls, filled + found.Nulls),
            "integral" => Metric.Share(found.Integral, filled),
            "fractional" => Metric.Share(found.Fractional, filled),
            "numeric" => Metric.Share(found.Integral + found.Fractional, filled),
            "boolean" => Metric.Share(found.Boolean, filled),
            _ => Metric.Share(found.Text, filled),
        };
    }
}
