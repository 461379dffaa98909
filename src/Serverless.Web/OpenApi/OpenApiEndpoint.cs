using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Serverless.Registry;
using Serverless.Web.Access;
using Serverless.Workspaces;

namespace Serverless.Web.OpenApi;

/// <summary>
/// <c>/openapi/v1.json</c>: the document that stands beside this file (a test compares it with the routes), and for each model that has a version its own path,
/// its row as a schema and an example that can be sent as it is. Callers who may not see the models get the document without them.
/// </summary>
internal sealed class OpenApiEndpoint(Workspace workspace, IModelRegistry registry, RowExamples examples, AccessGate gate)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var document = Document();
        if (await gate.RefusalAsync(context, Scope.Predict).ConfigureAwait(false) is null)
        {
            var models = new List<(string, ModelVersion, JsonObject)>();
            foreach (var model in await registry.ModelsAsync(context.RequestAborted).ConfigureAwait(false))
            {
                if (await AddAsync(document, model, context.RequestAborted).ConfigureAwait(false) is var (version, row)) models.Add((model, version, row));
            }

            if (models.Count > 0) GeneralExamples.Replace(document, models);
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(document.ToJsonString(ServerlessJson.Options), context.RequestAborted).ConfigureAwait(false);
    }

    internal static JsonObject Document()
    {
        using var stream = typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream("openapi.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }

    private async Task<(ModelVersion Version, JsonObject Row)?> AddAsync(JsonObject document, string model, CancellationToken cancel)
    {
        var list = await registry.ListAsync(model, cancel).ConfigureAwait(false);
        var version = list.Versions.FirstOrDefault(v => v.Version == list.Champion) ?? list.Versions.LastOrDefault();
        if (version is null) return null;
        workspace.Models.TryGetValue(model, out var definition);
        var schemas = document["components"]!["schemas"]!.AsObject();
        var example = ModelSchemas.Node(examples.Row(model, version.Schema));
        schemas[$"{model}.Row"] = ModelSchemas.Row(version.Schema, column => examples.Contracted(model, column), example);
        schemas[$"{model}.Request"] = ModelSchemas.Request(schemas["PredictRequest"]!, $"{model}.Row");
        schemas[$"{model}.Answer"] = ModelSchemas.Answer(version.Schema);
        var paths = document["paths"]!.AsObject();
        var operation = paths["/v1/models/{model}/predict"]!["post"]!.DeepClone().AsObject();
        operation["operationId"] = $"predict-{model}";
        operation["summary"] = $"Predict with {model}";
        operation["description"] = $"{definition?.Description ?? $"The champion of {model}"} ({version.Schema.Task.ToString().ToLowerInvariant()}, version {version.Version}).";
        operation.Remove("parameters");
        operation["requestBody"] = ModelSchemas.Content($"{model}.Request", new JsonObject { ["rows"] = new JsonArray(example.DeepClone()) }, required: true);
        operation["responses"]!["200"] = ModelSchemas.Content($"{model}.Answer", ModelSchemas.AnswerExample(model, version), description: "OK");
        paths[$"/v1/models/{model}/predict"] = new JsonObject { ["post"] = operation };
        ProtocolSchemas.Add(document, model, version, example);
        return (version, example);
    }
}
