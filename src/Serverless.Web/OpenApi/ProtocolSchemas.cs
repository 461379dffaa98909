using System.Text.Json.Nodes;
using Serverless.Datasets;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Web.Predict.OpenInference;

namespace Serverless.Web.OpenApi;

/// <summary>The Open Inference Protocol and MLflow scoring of one model: its own tensors and columns, and examples that can be sent as they are.</summary>
internal static class ProtocolSchemas
{
    private static readonly string[] Whole = ["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"];
    private static readonly string[] Numbers = [.. Whole, "FP16", "FP32", "FP64"];

    /// <param name="row">The example row.</param>
    public static void Add(JsonObject document, string model, ModelVersion version, JsonObject row)
    {
        var schemas = document["components"]!["schemas"]!.AsObject();
        schemas[$"{model}.InferRequest"] = InferRequest(schemas["InferRequest"]!, version.Schema);
        schemas[$"{model}.InvocationRequest"] = InvocationRequest(schemas["InvocationRequest"]!, model, version.Schema);
        Operation(document, "/v2/models/{model}/infer", model, ModelSchemas.Content($"{model}.InferRequest", new JsonObject { ["inputs"] = Tensors(version.Schema, row) }, required: true));
        Operation(document, "/v1/models/{model}/invocations", model, new JsonObject { ["required"] = true, ["content"] = InvocationExamples.Content($"{model}.InvocationRequest", version.Schema, row) });
    }

    private static void Operation(JsonObject document, string path, string model, JsonObject body)
    {
        var paths = document["paths"]!.AsObject();
        var operation = paths[path]!["post"]!.DeepClone().AsObject();
        operation["operationId"] = $"{operation["operationId"]}-{model}";
        operation["summary"] = $"{operation["summary"]}: {model}";
        operation.Remove("parameters");
        operation["requestBody"] = body;
        paths[path.Replace("{model}", model, StringComparison.Ordinal)] = new JsonObject { ["post"] = operation };
    }

    private static JsonNode InferRequest(JsonNode general, ModelSchema schema)
    {
        var request = general.DeepClone();
        request["properties"]!["inputs"]!["items"] = new JsonObject { ["oneOf"] = new JsonArray([.. schema.Inputs.Select(Tensor)]) };
        request["properties"]!["outputs"]!["items"]!["properties"]!["name"] = new JsonObject { ["enum"] = new JsonArray([.. TensorOutputs.Names(schema).Select(n => (JsonNode)n)]) };
        return request;
    }

    private static JsonNode Tensor(RawColumn column)
    {
        string[] datatypes = column.Type switch
        {
            ColumnType.Integer or ColumnType.Number => Numbers,
            ColumnType.Boolean => ["BOOL", .. Whole],
            _ => ["BYTES"],
        };
        var tensor = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("name", "shape", "datatype", "data"),
            ["properties"] = new JsonObject
            {
                ["name"] = new JsonObject { ["enum"] = new JsonArray(column.Name) },
                ["shape"] = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1 } },
                ["datatype"] = new JsonObject { ["enum"] = new JsonArray([.. datatypes.Select(d => (JsonNode)d)]) },
                ["data"] = new JsonObject { ["type"] = "array", ["minItems"] = 1 },
            },
        };
        if (column.Unit is { } unit) tensor["description"] = $"unit: {unit}";
        return tensor;
    }

    private static JsonNode InvocationRequest(JsonNode general, string model, ModelSchema schema)
    {
        var request = general.DeepClone();
        request["properties"]!["dataframe_split"]!["properties"]!["columns"]!["items"] =
            new JsonObject { ["type"] = "string", ["examples"] = new JsonArray([.. schema.Inputs.Select(c => (JsonNode)c.Name)]) };
        request["properties"]!["dataframe_records"]!["items"] = new JsonObject { ["$ref"] = $"#/components/schemas/{model}.Row" };
        return request;
    }

    private static JsonArray Tensors(ModelSchema schema, JsonObject row) => [.. schema.Inputs.Select(column => (JsonNode)new JsonObject
    {
        ["name"] = column.Name,
        ["shape"] = new JsonArray(1, 1),
        ["datatype"] = TensorDatatype.Of(column.Type),
        ["data"] = new JsonArray(row[column.Name]!.DeepClone()),
    })];
}
