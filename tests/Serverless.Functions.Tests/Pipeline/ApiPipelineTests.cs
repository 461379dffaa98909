using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.DuckDb;
using Serverless.Local;
using Serverless.Testing;
using Serverless.Web;
using Serverless.Workspaces;

namespace Serverless.Functions.Tests.Pipeline;

/// <summary>The forwarding that the HTTP functions do, on a server whose own routing has already matched a catch-all, as the worker's has.</summary>
public sealed class ApiPipelineTests : IAsyncLifetime
{
    private readonly TempFolder store = new();
    private WebApplication app = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        var workspace = WorkspaceLoader.Load(Repository.PathOf("samples/flights"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddServerless(workspace)
            .AddLocalStorage(store.Path)
            .AddDuckDb()
            .AddServerlessWeb(new WebOptions { AuthenticatedByHost = true })
            .AddSingleton<ApiPipeline>();
        app = builder.Build();
        app.MapFallback("{*path}", async context =>
        {
            context.Request.RouteValues["model"] = "of-the-host";
            await ((IResult)context.RequestServices.GetRequiredService<ApiPipeline>()).ExecuteAsync(context);
        });
        await app.StartAsync();
        client = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
        store.Dispose();
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/v1/models")]
    [InlineData("/v1/datasets")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/")]
    public async Task Get_AddressOfTheApi_IsAnswered(string path) => (await client.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK);

    [Fact]
    public async Task Post_UnknownModel_NamesTheModelOfTheAddress()
    {
        var answer = await client.PostAsJsonAsync("/v1/models/flight-dely/predict", new { rows = new[] { new { distance = 1 } } });
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("detail").GetString()!.ShouldContain("flight-dely");
        problem.GetProperty("detail").GetString()!.ShouldContain("Did you mean 'flight-delay'?");
    }

    [Fact]
    public async Task Get_AddressOfNothing_IsNotFound() => (await client.GetAsync("/v1/nothing")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

    [Fact]
    public async Task Get_OfWhatIsPosted_IsNotAllowed() => (await client.GetAsync("/v1/models/flight-delay/predict")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);

    [Fact]
    public async Task Many_AtOnce_EachGetTheirOwnAnswer()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => client.GetStringAsync(i % 2 == 0 ? "/health/live" : "/v1/datasets")));
        for (var i = 0; i < answers.Length; i++) answers[i].Contains("flights", StringComparison.Ordinal).ShouldBe(i % 2 == 1);
    }

    // The host's own routing must stay what it was: the endpoints of the API belong to the pipeline alone.
    [Fact]
    public void Endpoints_OfTheOuterServer_AreNotThoseOfTheApi() =>
        ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints).ShouldHaveSingleItem();
}
