using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Scoring;

namespace Serverless.Web.OpenApi;

/// <summary>A model's rows and answers as JSON Schema (2020-12, as OpenAPI 3.1 uses it).</summary>
internal static class ModelSchemas
{
    public static JsonObject Row(ModelSchema schema, Func<string, ColumnDefinition?> contracted, JsonNode example)
    {
        var properties = new JsonObject();
        foreach (var column in schema.Inputs) properties[column.Name] = Column(column, contracted(column.Name));
        return new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray([.. schema.Inputs.Where(c => c.Required).Select(c => (JsonNode)c.Name)]),
            ["properties"] = properties,
            ["examples"] = new JsonArray(example.DeepClone()),
        };
    }

    public static JsonNode Request(JsonNode general, string row)
    {
        var request = general.DeepClone();
        request["properties"]!["rows"]!["items"] = new JsonObject { ["$ref"] = $"#/components/schemas/{row}" };
        return request;
    }

    public static JsonObject Answer(ModelSchema schema)
    {
        var prediction = new JsonObject { ["type"] = schema.Task switch { TaskKind.Binary => "boolean", TaskKind.Multiclass => "string", _ => "number" } };
        if (schema.Task == TaskKind.Multiclass) prediction["enum"] = new JsonArray([.. schema.Classes.Select(c => (JsonNode)c)]);
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["model"] = new JsonObject { ["type"] = "string" },
                ["predictions"] = new JsonObject
                {
                    ["type"] = "array",
                    ["items"] = new JsonObject
                    {
                        ["allOf"] = new JsonArray(
                            new JsonObject { ["$ref"] = "#/components/schemas/Prediction" },
                            new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["prediction"] = prediction } }),
                    },
                },
            },
        };
    }

    public static JsonObject Content(string schema, JsonNode example, string? description = null, bool required = false)
    {
        var node = new JsonObject();
        if (description is not null) node["description"] = description;
        if (required) node["required"] = true;
        node["content"] = new JsonObject
        {
            ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" }, ["example"] = example },
        };
        return node;
    }

    public static JsonObject AnswerExample(string model, ModelVersion version)
    {
        var prediction = new JsonObject { ["id"] = "01k4z0m5e8h2k9p3qx00000001", ["version"] = version.Version, ["role"] = "champion" };
        switch (version.Schema.Task)
        {
            case TaskKind.Binary:
                prediction["prediction"] = false;
                prediction["probability"] = 0.1873;
                prediction["score"] = 0.1873;
                break;
            case TaskKind.Multiclass:
                var classes = version.Schema.Classes;
                var share = Math.Round(1.0 / classes.Count, 3);
                prediction["prediction"] = classes[0];
                prediction["probability"] = share;
                prediction["probabilities"] = new JsonObject(classes.Select(c => KeyValuePair.Create(c, (JsonNode?)share)));
                prediction["score"] = share;
                break;
            default:
                prediction["prediction"] = 17.2;
                prediction["score"] = 17.2;
                break;
        }

        return new JsonObject { ["model"] = model, ["predictions"] = new JsonArray(prediction) };
    }

    public static JsonObject Node(IReadOnlyDictionary<string, object> row) => JsonSerializer.SerializeToNode(row, ServerlessJson.Options)!.AsObject();

    private static JsonObject Column(RawColumn column, ColumnDefinition? contract)
    {
        var type = column.Type switch
        {
            ColumnType.Integer => "integer",
            ColumnType.Number => "number",
            ColumnType.Boolean => "boolean",
            _ => "string",
        };
        var schema = new JsonObject { ["type"] = column.Required ? type : new JsonArray(type, "null") };
        if (column.Type == ColumnType.Timestamp) schema["format"] = "date-time";
        var words = string.Join("; ", new[] { column.Description ?? contract?.Description, (column.Unit ?? contract?.Unit) is { } unit ? $"unit: {unit}" : null }.OfType<string>());
        if (words.Length > 0) schema["description"] = words;
        if (contract?.Min is { } min) schema["minimum"] = min;
        if (contract?.Max is { } max) schema["maximum"] = max;
        if (contract?.Pattern is { } pattern) schema["pattern"] = pattern;
        return schema;
    }
}
