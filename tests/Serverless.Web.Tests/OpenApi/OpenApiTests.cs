using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace Serverless.Web.Tests.OpenApi;

public sealed class OpenApiTests : IAsyncLifetime
{
    /// <summary>Pages, the description itself, and MLflow's tracking API, which its own documents describe.</summary>
    private static readonly string[] Undescribed = ["/", "/assets/", "/favicon.ico", "/docs/", "/openapi/", "/api/2.0/"];

    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Document_ReadByMicrosoftOpenApi_IsValid31WithoutRemarks()
    {
        var text = await host.Client.GetStringAsync("/openapi/v1.json");
        var read = OpenApiDocument.Parse(text, "json");
        read.Diagnostic!.Errors.ShouldBeEmpty();
        read.Diagnostic.Warnings.ShouldBeEmpty();
        read.Diagnostic.SpecificationVersion.ShouldBe(OpenApiSpecVersion.OpenApi3_1);
        read.Document!.Paths.Keys.ShouldContain("/v1/models/late/predict");
        References(JsonNode.Parse(text)!).ShouldAllBe(r => Resolves(JsonNode.Parse(text)!, r));
        foreach (var operation in read.Document.Paths.Values.SelectMany(p => p.Operations!.Values))
        {
            operation.OperationId.ShouldNotBeNullOrEmpty();
            operation.Summary.ShouldNotBeNullOrEmpty();
            operation.Responses!.Keys.ShouldContain(code => code == "200" || code == "202");
        }
    }

    [Fact]
    public async Task Document_Paths_AreExactlyTheRoutes()
    {
        var document = (await host.GetAsync("/openapi/v1.json"))["paths"]!.AsObject();
        var documented = document.Where(p => !p.Key.Split('/').Any(part => part is "late" or "minutes" or "reason"))
            .SelectMany(p => p.Value!.AsObject().Select(m => $"{m.Key.ToUpperInvariant()} {p.Key}"));
        var mapped = host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => !Undescribed.Any(u => e.RoutePattern.RawText == u || u.Length > 1 && u.EndsWith('/') && e.RoutePattern.RawText!.StartsWith(u, StringComparison.Ordinal)))
            .Select(e => $"{e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0]} {e.RoutePattern.RawText!.Replace("{**", "{", StringComparison.Ordinal)}");
        documented.Order().ShouldBe(mapped.Order());
    }

    [Theory]
    [InlineData("late", "boolean")]
    [InlineData("minutes", "number")]
    [InlineData("reason", "string")]
    public async Task Document_OfAModel_HasItsRowAndAnExampleThatIsAnswered(string model, string prediction)
    {
        var document = await host.GetAsync("/openapi/v1.json");
        var row = document["components"]!["schemas"]![$"{model}.Row"]!;
        row["required"]!.AsArray().Select(r => r!.GetValue<string>()).ShouldBe(["date", "origin"]);
        row["properties"]!["distance"]!["minimum"]!.GetValue<double>().ShouldBe(1);
        row["properties"]!["distance"]!["description"]!.GetValue<string>().ShouldBe("unit: miles");
        row["properties"]!["date"]!["format"]!.GetValue<string>().ShouldBe("date-time");
        var answer = document["components"]!["schemas"]![$"{model}.Answer"]!["properties"]!["predictions"]!["items"]!["allOf"]![1]!;
        answer["properties"]!["prediction"]!["type"]!.GetValue<string>().ShouldBe(prediction);
        var example = document["paths"]![$"/v1/models/{model}/predict"]!["post"]!["requestBody"]!["content"]!["application/json"]!["example"]!;
        (await host.AskAsync(example.ToJsonString(), model)).Status.ShouldBe(200);
    }

    /// <summary>Three models, then one: every example of every address that predicts is sent as it stands, held against its schema before and its answer's schema after.</summary>
    [Theory]
    // Of all models together 3 + 5, of each model 2 + 5; with one model five more at /invocations.
    [InlineData(false, 29)]
    [InlineData(true, 20)]
    public async Task Document_EveryExampleThatPredicts_FitsItsSchemaAndIsAnsweredByOneThatFits(bool single, int expected)
    {
        await using var own = single ? await SingleAsync() : null;
        var asked = own ?? host;
        var document = await asked.GetAsync("/openapi/v1.json");
        var sent = 0;
        foreach (var (template, item) in document["paths"]!.AsObject())
        {
            if (template.Split('/')[^1] is not ("predict" or "infer" or "invocations")) continue;
            var operation = item!["post"]!;
            var path = (operation["parameters"]?.AsArray() ?? []).Where(p => p!["in"]!.GetValue<string>() == "path").Aggregate(template, (t, p) => t.Replace($"{{{p!["name"]}}}", p["example"]!.ToString(), StringComparison.Ordinal));
            foreach (var (type, media) in operation["requestBody"]!["content"]!.AsObject())
            {
                var examples = media!["examples"] is JsonObject several ? several.Select(e => e.Value!["value"]!).ToList() : media["example"] is { } one ? [one] : [];
                foreach (var example in examples)
                {
                    var text = type == "application/json" ? example.ToJsonString() : example.GetValue<string>();
                    if (type == "application/json") (await SchemaAsync(document, media["schema"]!)).Validate(text).ShouldBeEmpty($"{template} {text}");
                    using var response = await asked.Client.PostAsync(path, new StringContent(text, System.Text.Encoding.UTF8, type));
                    var answer = await response.Content.ReadAsStringAsync();
                    ((int)response.StatusCode).ShouldBe(200, $"{path} {text} {answer}");
                    (await SchemaAsync(document, operation["responses"]!["200"]!["content"]!["application/json"]!["schema"]!)).Validate(answer).ShouldBeEmpty($"{template} {answer}");
                    sent++;
                }
            }
        }

        sent.ShouldBe(expected);
    }

    /// <summary>Every body that may be sent has an example, and every example of a request or an answer fits its schema.</summary>
    [Fact]
    public async Task Document_EveryExample_FitsItsSchemaAndEveryBodyHasOne()
    {
        var document = await host.GetAsync("/openapi/v1.json");
        var (seen, bodies) = (0, new List<string>());
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject())
            {
                var contents = operation!["responses"]!.AsObject().Select(r => r.Value!["content"]).Append(operation["requestBody"]?["content"]);
                foreach (var media in contents.Select(c => c?["application/json"] ?? c?["application/problem+json"]).OfType<JsonObject>().Where(m => m["schema"] is not null))
                {
                    var examples = media["examples"] is JsonObject several ? several.Select(e => e.Value!["value"]!).ToList() : media["example"] is { } one ? [one] : [];
                    foreach (var example in examples) (await SchemaAsync(document, media["schema"]!)).Validate(example.ToJsonString()).ShouldBeEmpty($"{method} {path} {example.ToJsonString()}");
                    seen += examples.Count;
                    if (ReferenceEquals(media.Parent, operation["requestBody"]?["content"]) && examples.Count == 0) bodies.Add(path);
                }
            }
        }

        bodies.ShouldBe(["/invocations"], "with several models it answers nobody");
        seen.ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task Document_SeveralModels_SaysThatInvocationsNeedsAModelAndGivesNoExampleThere()
    {
        var invocations = (await host.GetAsync("/openapi/v1.json"))["paths"]!["/invocations"]!["post"]!;
        invocations["description"]!.GetValue<string>().ShouldContain("ask `/v1/models/late/invocations`");
        invocations["requestBody"]!["content"]!.AsObject().ShouldAllBe(c => c.Value!["example"] == null && c.Value["examples"] == null);
    }

    /// <summary>The judge itself: what is wrong by the model's own schema is seen.</summary>
    [Theory]
    [InlineData("late.Request", """{"rows":[{"date":"2001-06-30T14:05:00Z"}]}""")]
    [InlineData("late.Request", """{"rows":[{"date":"2001-06-30T14:05:00Z","origin":5}]}""")]
    [InlineData("late.InferRequest", """{"inputs":[{"name":"orgin","shape":[1],"datatype":"BYTES","data":["ATL"]}]}""")]
    [InlineData("late.InferRequest", """{"inputs":[{"name":"origin","shape":[1],"datatype":"FP64","data":["ATL"]}]}""")]
    [InlineData("late.InvocationRequest", """{"instances":[[1]],"inputs":[[1]]}""")]
    [InlineData("reason.Answer", """{"model":"reason","predictions":[{"id":"x","version":1,"role":"champion","prediction":"no such class","score":1}]}""")]
    public async Task Schema_OfWhatIsWrong_RefusesIt(string schema, string body)
    {
        var document = await host.GetAsync("/openapi/v1.json");
        (await SchemaAsync(document, new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" })).Validate(body).ShouldNotBeEmpty();
    }

    private static async Task<WebHost> SingleAsync()
    {
        var workspace = Flights.Workspace();
        var one = await WebHost.StartAsync(workspace with { Models = workspace.Models.Where(m => m.Key == "late").ToDictionary() }, champions: false);
        await one.Registry.RegisterAsync(Flights.Candidate("late", 1));
        await one.Registry.PromoteAsync("late", 1, "test", "");
        return one;
    }

    private static Task<NJsonSchema.JsonSchema> SchemaAsync(JsonNode document, JsonNode schema)
    {
        // NJsonSchema looks for what is referred to below definitions; only what is needed is read, because reading is slow.
        var (all, needed, open) = (document["components"]!["schemas"]!, new JsonObject(), new Queue<JsonNode>([schema]));
        while (open.TryDequeue(out var next))
        {
            foreach (var name in References(next).Select(r => r.Split('/')[^1]).Where(n => !needed.ContainsKey(n)))
            {
                needed[name] = all[name]!.DeepClone();
                open.Enqueue(all[name]!);
            }
        }

        var whole = new JsonObject { ["allOf"] = new JsonArray(schema.DeepClone()), ["definitions"] = needed };
        return NJsonSchema.JsonSchema.FromJsonAsync(whole.ToJsonString().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Document_ForACallerWithoutKey_NamesNoModel()
    {
        await using var closed = await WebHost.StartAsync(Flights.Workspace(new Workspaces.ApiKeySettings { Name = "k", Sha256 = new string('0', 64), Scopes = ["predict"] }));
        var text = await closed.Client.GetStringAsync("/openapi/v1.json");
        text.ShouldNotContain("\"late");
        OpenApiDocument.Parse(text, "json").Diagnostic!.Errors.ShouldBeEmpty();
    }

    private static IEnumerable<string> References(JsonNode node) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Key == "$ref" ? [p.Value!.GetValue<string>()] : p.Value is null ? [] : References(p.Value)),
        JsonArray a => a.SelectMany(i => i is null ? [] : References(i)),
        _ => [],
    };

    private static bool Resolves(JsonNode document, string reference) =>
        reference.Split('/').Skip(1).Aggregate((JsonNode?)document, (node, part) => node?[part]) is not null;
}
