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

    [Theory]
    [InlineData("/v2/models/late/infer")]
    [InlineData("/v2/models/reason/infer")]
    [InlineData("/v1/models/minutes/invocations")]
    [InlineData("/v1/models/reason/invocations")]
    public async Task Document_OfAModel_HasAnExampleForEachProtocolThatItsSchemaAcceptsAndIsAnswered(string path)
    {
        var document = await host.GetAsync("/openapi/v1.json");
        var content = document["paths"]![path]!["post"]!["requestBody"]!["content"]!["application/json"]!;
        using var response = await host.Client.PostAsync(path, new StringContent(content["example"]!.ToJsonString(), System.Text.Encoding.UTF8, "application/json"));
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
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
