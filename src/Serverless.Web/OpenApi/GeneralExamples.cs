using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Registry;

namespace Serverless.Web.OpenApi;

/// <summary>
/// Examples of the addresses that are the same for all models, replaced by those of a model that this workspace has: whoever sends one as it stands has an answer.
/// </summary>
internal static class GeneralExamples
{
    /// <param name="models">Those that are described, with their example row; not empty.</param>
    public static void Replace(JsonObject document, IReadOnlyList<(string Model, ModelVersion Version, JsonObject Row)> models)
    {
        var (model, version, _) = models[0];
        var paths = document["paths"]!.AsObject();
        foreach (var (path, item) in paths)
        {
            if (!path.Contains("{model}", StringComparison.Ordinal)) continue;
            foreach (var parameter in item!.AsObject().Select(o => o.Value!["parameters"]).OfType<JsonArray>().SelectMany(p => p).OfType<JsonObject>())
            {
                if (parameter["in"]?.GetValue<string>() != "path") continue;
                if (parameter["name"]!.GetValue<string>() == "model") parameter["example"] = model;
                else if (parameter["name"]!.GetValue<string>() == "version") parameter["example"] = version.Version.ToString(CultureInfo.InvariantCulture);
            }
        }

        foreach (var general in new[] { "/v1/models/{model}/predict", "/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer", "/v1/models/{model}/invocations", "/v1/models/{model}/predictions/{key}" })
        {
            if (paths[general]?["post"]?["requestBody"] is not JsonObject body || paths[Own(general, model)]?["post"]?["requestBody"]?["content"] is not JsonObject own) continue;
            body["content"] = General(own, body["content"]!.AsObject());
        }

        var invocations = paths["/invocations"]!["post"]!;
        if (models.Count == 1) invocations["requestBody"]!["content"] = General(paths[$"/v1/models/{model}/invocations"]!["post"]!["requestBody"]!["content"]!.AsObject(), invocations["requestBody"]!["content"]!.AsObject());
        else
        {
            invocations["description"] = $"**This workspace serves several models, so this address answers 400: ask `/v1/models/{model}/invocations`.** {invocations["description"]}";
            foreach (var content in invocations["requestBody"]!["content"]!.AsObject())
            {
                content.Value!.AsObject().Remove("example");
                content.Value!.AsObject().Remove("examples");
            }
        }
    }

    private static string Own(string general, string model) => general.Replace("{model}", model, StringComparison.Ordinal).Replace("/versions/{version}", "", StringComparison.Ordinal).Replace("/predictions/{key}", "/predict", StringComparison.Ordinal);

    // The model's examples under the general schema.
    private static JsonObject General(JsonObject own, JsonObject general)
    {
        var content = own.DeepClone().AsObject();
        foreach (var (type, media) in content) if (general[type]?["schema"] is { } schema) media!["schema"] = schema.DeepClone();
        return content;
    }
}
