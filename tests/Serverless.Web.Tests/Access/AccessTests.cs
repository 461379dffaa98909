using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Web.Tests.Access;

public sealed class AccessTests
{
    private static readonly ApiKeySettings Reader = new() { Name = "reader", Sha256 = Convert.ToHexStringLower(SHA256.HashData("read-me"u8)), Scopes = ["predict"] };
    private static readonly ApiKeySettings Operator = new() { Name = "ops", Sha256 = Convert.ToHexStringLower(SHA256.HashData("run-it"u8)), Scopes = ["predict", "operate"] };

    [Theory]
    [InlineData(null, "/v1/models", 401, "header x-api-key")]
    [InlineData("wrong", "/v1/models", 401, "not one of this workspace")]
    [InlineData("", "/v1/models", 401, "header x-api-key")]
    [InlineData("read-me", "/v1/models", 200, null)]
    [InlineData("read-me", "/v1/datasets", 403, "Key 'reader' has the scope 'predict'; this needs 'operate'")]
    [InlineData("run-it", "/v1/datasets", 200, null)]
    [InlineData(null, "/health/live", 200, null)]
    [InlineData(null, "/", 200, null)]
    public async Task Get_WithKeysConfigured_AsksForOneOfSufficientScope(string? key, string path, int status, string? detail)
    {
        await using var host = await WebHost.StartAsync(Flights.Workspace(Reader, Operator));
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null) request.Headers.TryAddWithoutValidation("x-api-key", key);
        using var response = await host.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(status);
        if (detail is not null) JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!.GetValue<string>().ShouldContain(detail);
        if (status == 401) response.Headers.WwwAuthenticate.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Predict_WithBearerKey_IsAnsweredAndNoKeyIsLogged()
    {
        await using var host = await WebHost.StartAsync(Flights.Workspace(Reader, Operator));
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", "read-me");
        (await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""")).Status.ShouldBe(200);
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", "secret-but-wrong");
        (await host.AskAsync("{}")).Status.ShouldBe(401);
        host.Log.All.ShouldNotContain("read-me");
        host.Log.All.ShouldNotContain("secret-but-wrong");
    }

    [Fact]
    public async Task Promote_WithKey_WritesTheKeysNameIntoTheAudit()
    {
        await using var host = await WebHost.StartAsync(Flights.Workspace(Reader, Operator));
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        host.Client.DefaultRequestHeaders.Add("x-api-key", "run-it");
        using var response = await host.Client.PostAsync("/v1/models/late/versions/2/promote", new StringContent("""{"comment":"better"}""", Encoding.UTF8, "application/json"));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var entry = (await host.Registry.AuditAsync("late"))[^1];
        (entry.By, entry.Comment).ShouldBe(("api:ops", "better"));
    }

    [Fact]
    public async Task Start_KeyFromAVariableThatIsNotSet_SaysWhich()
    {
        var keys = Flights.Workspace(new ApiKeySettings { Name = "ci", Variable = "SERVERLESS_TEST_NO_SUCH_KEY", Scopes = ["predict", "opperate"] });
        var error = await Should.ThrowAsync<ConfigurationException>(() => WebHost.StartAsync(keys));
        error.Message.ShouldContain("API key 'ci' is read from the environment variable 'SERVERLESS_TEST_NO_SUCH_KEY', which is not set");
        error.Message.ShouldContain("scope 'opperate' is not known. Did you mean 'operate'?");
    }

    [Fact]
    public async Task Get_WithoutKeysFromALoopbackCaller_IsOpenUnlessAnotherSiteAsks()
    {
        await using var host = await WebHost.StartAsync();
        (await host.Client.GetAsync("/v1/models")).StatusCode.ShouldBe(HttpStatusCode.OK);

        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Host = "evil.example" } };
        (await host.Client.SendAsync(rebound)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/v1/models/late/rollback");
        foreign.Headers.Add("Origin", "https://evil.example");
        (await host.Client.SendAsync(foreign)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [SkippableFact]
    public async Task Get_WithoutKeysFromTheNetwork_IsRefusedAndTheStartSaysWhy()
    {
        var address = Dns.GetHostAddresses(Dns.GetHostName()).FirstOrDefault(a => a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        Skip.If(address is null, "this machine has no address but loopback");
        await using var host = await WebHost.StartAsync(url: "http://0.0.0.0:0");
        await Eventually.TrueAsync(() => Task.FromResult(host.Log.Entries.Any(e => e.Id == 6101)), "the start warns");
        using var client = new HttpClient();
        using var response = await client.GetAsync($"http://{address}:{host.Address.Port}/v1/models");
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await response.Content.ReadAsStringAsync()).ShouldContain("Add keys under apiKeys: in serverless.yaml");
    }
}
