using Serverless.Datasets;
using Serverless.Scoring;
using Serverless.Workspaces;

namespace Serverless.Web.OpenApi;

/// <summary>An example row for a model: plausible values from the contract, the same each time.</summary>
internal sealed class RowExamples(Workspace workspace)
{
    private static readonly string[] Airports = ["ATL", "LGA", "ORD", "LAX", "DEN"];

    public IReadOnlyDictionary<string, object> Row(string model, ModelSchema schema) =>
        schema.Inputs.Index().ToDictionary(c => c.Item.Name, c => Value(c.Item, c.Index, Contracted(model, c.Item.Name)), StringComparer.Ordinal);

    /// <summary>The column as the contract of the model's dataset states it; null when it does not any more.</summary>
    public ColumnDefinition? Contracted(string model, string column) =>
        workspace.Models.TryGetValue(model, out var definition) && workspace.Datasets.TryGetValue(definition.Dataset, out var dataset)
            ? dataset.Columns.FirstOrDefault(c => c.Name == column) : null;

    private static object Value(RawColumn column, int index, ColumnDefinition? contract) => column.Type switch
    {
        ColumnType.Timestamp => "2001-06-30T14:05:00Z",
        ColumnType.Boolean => true,
        ColumnType.String => contract?.Values is [{ } first, ..] ? first : Text(contract?.Pattern, index),
        ColumnType.Integer => (long)Math.Round(Number(contract)),
        _ => Math.Round(Number(contract), 2),
    };

    private static double Number(ColumnDefinition? contract) => (contract?.Min, contract?.Max) switch
    {
        ({ } min, { } max) when min <= 0 && max >= 0 => Math.Min(max, 10),
        ({ } min, { } max) => min + (max - min) / 4,
        ({ } min, null) => Math.Max(min, 400),
        (null, { } max) => Math.Min(max, 10),
        _ => 10,
    };

    // Three capitals is a code such as an airport's; other patterns are for the caller to meet.
    private static string Text(string? pattern, int index) => pattern switch
    {
        "^[A-Z]{3}$" => Airports[index % Airports.Length],
        "^[A-Z]{2}$" => "US",
        _ => "text",
    };
}
