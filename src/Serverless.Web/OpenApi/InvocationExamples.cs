using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Web.OpenApi;

/// <summary>One row in each form that MLflow's scoring server takes.</summary>
internal static class InvocationExamples
{
    /// <summary>The <c>content</c> of a request body: JSON in four forms, and a CSV.</summary>
    public static JsonObject Content(string schema, ModelSchema model, JsonObject row) => new()
    {
        ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" }, ["examples"] = Json(model, row) },
        ["text/csv"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" }, ["example"] = Csv(row) },
    };

    private static JsonObject Json(ModelSchema model, JsonObject row)
    {
        JsonArray Values() => new([.. row.Select(c => c.Value!.DeepClone())]);
        var columns = new JsonObject { ["inputs"] = new JsonObject(row.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)new JsonArray(c.Value!.DeepClone())))) };
        if (model.Task != TaskKind.Regression) columns["params"] = new JsonObject { ["predict_method"] = "predict_proba" };
        var forms = new JsonObject
        {
            ["dataframe_split"] = new JsonObject { ["dataframe_split"] = new JsonObject { ["columns"] = new JsonArray([.. row.Select(c => (JsonNode)c.Key)]), ["data"] = new JsonArray(Values()) } },
            ["dataframe_records"] = new JsonObject { ["dataframe_records"] = new JsonArray(row.DeepClone()) },
            ["instances"] = new JsonObject { ["instances"] = new JsonArray(Values()) },
            ["inputs"] = columns,
        };
        return new JsonObject(forms.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)new JsonObject { ["summary"] = f.Key, ["value"] = f.Value!.DeepClone() })));
    }

    private static string Csv(JsonObject row) => $"{string.Join(',', row.Select(c => Quoted(c.Key)))}\n{string.Join(',', row.Select(c => Quoted(Text(c.Value!))))}\n";

    private static string Text(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    // RFC 4180, 2.6 and 2.7.
    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : string.Create(CultureInfo.InvariantCulture, $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
}
