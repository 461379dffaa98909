using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Serverless.Access;
using Serverless.Storage;
using Serverless.Web.Access;
using Serverless.Workspaces;

namespace Serverless.Web.Tests.Access;

public sealed class StoredKeyTests
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Key_OfTheStore_OpensUntilItExpiresAndStaysClosedAfterwards()
    {
        await using var host = await StartAsync();
        (await GetAsync(host, "/v1/models", null)).ShouldBe(200);
        var made = await MakeAsync(host, k => k.CreateAsync("check-in", ["predict"], TimeSpan.FromMinutes(10), "test"));
        made.Key.ShouldStartWith($"sml_{made.Record.Id}_");
        (await GetAsync(host, "/v1/models", null)).ShouldBe(401);
        (await GetAsync(host, "/v1/models", made.Key)).ShouldBe(200);
        (await GetAsync(host, "/v1/datasets", made.Key)).ShouldBe(403);
        (await GetAsync(host, "/v1/models", made.Key + "x")).ShouldBe(401);

        time.Advance(TimeSpan.FromMinutes(10));
        (await GetAsync(host, "/v1/models", made.Key)).ShouldBe(401);
        // Nobody has a key any more, and the door is not open for that.
        (await GetAsync(host, "/v1/models", null)).ShouldBe(401);
    }

    [Fact]
    public async Task Rotate_WhileBothAreValid_LocksNobodyOut()
    {
        await using var host = await StartAsync();
        var first = await MakeAsync(host, k => k.CreateAsync("check-in", ["operate"], null, "test"));
        var second = await MakeAsync(host, k => k.RotateAsync("check-in", TimeSpan.FromMinutes(5), null, "test"));
        second.Record.Scopes.ShouldBe(["operate"]);
        (await GetAsync(host, "/v1/datasets", first.Key), await GetAsync(host, "/v1/datasets", second.Key)).ShouldBe((200, 200));
        var third = await Should.ThrowAsync<Problems.RequestException>(() => MakeAsync(host, k => k.RotateAsync("check-in", TimeSpan.FromMinutes(5), null, "test")));
        third.Message.ShouldContain("has two valid keys already");

        time.Advance(TimeSpan.FromMinutes(5));
        (await GetAsync(host, "/v1/datasets", first.Key), await GetAsync(host, "/v1/datasets", second.Key)).ShouldBe((401, 200));
        await MakeAsync(host, async k => (await k.RevokeAsync("check-in", "test")).Count.ShouldBe(1));
        (await GetAsync(host, "/v1/datasets", second.Key)).ShouldBe(401);
    }

    [Fact]
    public async Task Revoke_InAnotherProcess_IsSeenWithinSeconds()
    {
        await using var host = await StartAsync();
        var made = await MakeAsync(host, k => k.CreateAsync("check-in", ["predict"], null, "test"));
        await host.Get<IApiKeyStore>().RevokeAsync(made.Record.Id, "test");
        (await GetAsync(host, "/v1/models", made.Key)).ShouldBe(200);
        await Eventually.TrueAsync(async () =>
        {
            time.Advance(StoredKeys.Every);
            return await GetAsync(host, "/v1/models", made.Key) == 401;
        }, "the key is refused");
    }

    [Fact]
    public async Task Create_WhatIsNotGood_SaysWhy()
    {
        await using var host = await StartAsync();
        var keys = host.Get<IApiKeyStore>();
        await keys.CreateAsync("check-in", ["predict"], null, "test");
        (await Should.ThrowAsync<Problems.RequestException>(() => keys.CreateAsync("check-in", ["predict"], null, "test"))).Message.ShouldContain("keys rotate check-in");
        (await Should.ThrowAsync<Problems.RequestException>(() => keys.CreateAsync("b", ["opperate"], null, "test"))).Message.ShouldContain("Did you mean 'operate'?");
        (await Should.ThrowAsync<Problems.RequestException>(() => keys.CreateAsync("a b", ["predict"], null, "test"))).Message.ShouldContain("cannot be the name of a key");
        (await Should.ThrowAsync<Problems.RequestException>(() => keys.RevokeAsync("chek-in", "test"))).Message.ShouldContain("Did you mean 'check-in'?");
        (await keys.ListAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Store_AfterMakingAKey_HoldsItsHashOnlyAndTheLogHoldsNeither()
    {
        await using var host = await StartAsync();
        var made = await MakeAsync(host, k => k.CreateAsync("check-in", ["predict"], null, "test"));
        await GetAsync(host, "/v1/models", made.Key);
        await GetAsync(host, "/v1/models", made.Key + "-wrong");
        await GetAsync(host, $"/v1/models/{made.Key}/nothing", made.Key);
        var secret = made.Key[("sml_".Length + 9)..];
        await foreach (var stored in host.Get<IRecordStore>().QueryAsync(StoreNames.Tables.ApiKeys, "keys")) stored.Json.ShouldNotContain(secret);
        host.Log.All.Split('\n').Where(l => l.Contains(made.Key, StringComparison.Ordinal) && !l.Contains("/nothing", StringComparison.Ordinal)).ShouldBeEmpty();
        host.Log.All.ShouldNotContain(made.Record.Sha256);
    }

    /// <summary>The list is here, so that a route that is opened has to be opened here too.</summary>
    [Fact]
    public async Task EveryRoute_WithoutAKey_IsClosedButForHealthAndPages()
    {
        string[] open =
        [
            "GET /", "GET /assets/app.css", "GET /assets/app.js", "GET /docs/{**page}", "GET /favicon.ico", "GET /health", "GET /health/live", "GET /health/ready", "GET /openapi/v1.json", "GET /ping",
            "GET /v2/health/live", "GET /v2/health/ready",
        ];
        await using var host = await WebHost.StartAsync(Flights.Workspace(new ApiKeySettings { Name = "k", Sha256 = new string('0', 64), Scopes = ["admin"] }));
        var answered = new List<string>();
        foreach (var route in host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var methods = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST", "PUT", "PATCH", "DELETE"];
            foreach (var method in methods)
            {
                var path = System.Text.RegularExpressions.Regex.Replace(route.RoutePattern.RawText!, @"\{[^}]*\}", "1");
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                if (method != "GET") request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
                using var response = await host.Client.SendAsync(request);
                if ((int)response.StatusCode != 401) answered.Add($"{method} {route.RoutePattern.RawText}");
            }
        }

        answered.Order(StringComparer.Ordinal).ShouldBe(open.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Preflight_OfAnotherSite_IsAllowedNothing()
    {
        await using var host = await WebHost.StartAsync(Flights.Workspace(new ApiKeySettings { Name = "k", Sha256 = new string('0', 64), Scopes = ["admin"] }));
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/models/late/predict") { Headers = { { "Origin", "https://evil.example" }, { "Access-Control-Request-Method", "POST" } } };
        using var response = await host.Client.SendAsync(request);
        response.IsSuccessStatusCode.ShouldBeFalse();
        response.Headers.ShouldNotContain(h => h.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("/v1/models", "detail")]
    [InlineData("/v2", "error")]
    [InlineData("/version", "message")]
    [InlineData("/api/2.0/mlflow/experiments/search", "message")]
    public async Task Get_MoreOftenThanAllowed_IsToldWhenToComeBackAndOthersAreNotHeldBack(string path, string field)
    {
        await using var host = await StartAsync(Flights.Workspace() with { Access = new AccessSettings { Requests = 3, Per = TimeSpan.FromHours(10) } });
        var ada = await MakeAsync(host, k => k.CreateAsync("ada", ["admin"], null, "test"));
        var bob = await MakeAsync(host, k => k.CreateAsync("bob", ["admin"], null, "test"));
        for (var i = 0; i < 3; i++) (await GetAsync(host, "/v1/models", ada.Key)).ShouldBe(200);
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "x-api-key", ada.Key } } };
        using var response = await host.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(429);
        response.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromHours(10));
        (await response.Content.ReadFromJsonAsync<JsonNode>())![field]!.GetValue<string>().ShouldContain("At most 3 requests in 10h for each caller");
        (await GetAsync(host, "/v1/models", bob.Key)).ShouldBe(200);
        (await GetAsync(host, "/health/live", ada.Key)).ShouldBe(200);
    }

    [Theory]
    [InlineData("/v1/models/late/predict", """{"rows":[ROW,ROW,ROW]}""", 413)]
    [InlineData("/v2/models/late/infer", """{"inputs":[{"name":"date","shape":[3],"datatype":"BYTES","data":["2001-06-30","2001-06-30","2001-06-30"]}]}""", 413)]
    [InlineData("/v1/models/late/invocations", """{"dataframe_records":[ROW,ROW,ROW]}""", 413)]
    [InlineData("/v1/models/late/invocations", """{"inputs":{"date":["2001-06-30","2001-06-30","2001-06-30"]}}""", 413)]
    [InlineData("/v1/models/late/predict", """{"rows":[ROW,ROW]}""", 200)]
    public async Task Post_MoreThanTheWorkspacesLimits_IsRefusedByEachProtocol(string path, string body, int status)
    {
        await using var host = await StartAsync(Flights.Workspace() with { Access = new AccessSettings { Request = new() { MaxRows = 2, MaxBytes = 600 } } });
        using var few = await host.Client.PostAsync(path, new StringContent(body.Replace("ROW", Flights.GoodRow, StringComparison.Ordinal), Encoding.UTF8, "application/json"));
        ((int)few.StatusCode).ShouldBe(status);
        using var large = await host.Client.PostAsync(path, new StringContent(new string(' ', 601)));
        ((int)large.StatusCode).ShouldBe(413);
    }

    /// <summary>Kestrel's own limit is 30,000,000 bytes; what the workspace allows is allowed.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_LimitAboveTheServersOwn_IsTheWorkspaces(bool chunked)
    {
        await using var host = await StartAsync(Flights.Workspace() with { Access = new AccessSettings { Request = new() { MaxBytes = 31_000_000 } } });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/models/late/predict") { Content = new StringContent("{\"rows\":[" + new string(' ', 30_500_000) + Flights.GoodRow + "]}") };
        if (chunked) (request.Headers.TransferEncodingChunked, request.Content.Headers.ContentLength) = (true, null);
        using var response = await host.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        using var large = new HttpRequestMessage(HttpMethod.Post, "/v1/models/late/predict") { Content = new ByteArrayContent(new byte[31_000_001]) };
        large.Headers.ExpectContinue = true;
        using var refused = await host.Client.SendAsync(large);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("A body may have at most 31000000 bytes");
    }

    /// <summary>Good and wrong keys and tokens, by each way that they may come in, with the log at its finest.</summary>
    [Fact]
    public async Task Log_AtItsFinest_HoldsNoSecretAndNeitherDoesTheStore()
    {
        await using var issuer = await LocalIssuer.StartAsync();
        await using var host = await WebHost.StartAsync(Flights.Workspace() with { Access = new AccessSettings { Issuer = new TokenIssuer(issuer.Address, LocalIssuer.Audience) } },
            services: s => s.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace)));
        var made = await MakeAsync(host, k => k.CreateAsync("check-in", ["admin"], null, "test"));
        string[] secrets =
        [
            made.Key, made.Key[..^1] + (made.Key[^1] == 'x' ? 'y' : 'x'), "guessed-key-0123456789", issuer.Token(), issuer.Token(audience: "api://other"), issuer.Token(issuer: "https://evil.example"), issuer.Unsigned(), issuer.Confused(),
            issuer.Token(now: DateTimeOffset.UtcNow.AddDays(-1)), issuer.Token("admin")[..^3] + "abc",
        ];
        foreach (var secret in secrets)
        {
            foreach (var (header, value) in new[] { ("x-api-key", secret), ("Authorization", $"Bearer {secret}") })
            {
                foreach (var (method, path, body) in new[] { ("GET", "/v1/models", null), ("POST", "/v1/models/late/predict", $$"""{"rows":[{{Flights.GoodRow}}]}"""), ("POST", "/v1/feedback", """{"items":[{"key":"k","model":"late","seen":true}]}"""), ("POST", "/v1/models/late/versions/1/promote", "{}") })
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
                    request.Headers.TryAddWithoutValidation(header, value);
                    using var response = await host.Client.SendAsync(request);
                    ((int)response.StatusCode).ShouldBeOneOf(200, 401, 403, 409);
                    (await response.Content.ReadAsStringAsync()).ShouldNotContain(secret);
                }
            }
        }

        await host.StopAsync();
        host.Log.Entries.ShouldContain(e => e.Level == LogLevel.Trace || e.Level == LogLevel.Debug, "the log is at its finest");
        var written = Directory.EnumerateFiles(host.Folder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).Select(f => Encoding.Latin1.GetString(ReadShared(f))).Append(host.Log.All).ToList();
        written.ShouldContain(w => w.Contains("check-in", StringComparison.Ordinal), "the store was read");
        // A token's signature and its claims, and a key's secret part, are as good as the whole.
        foreach (var part in secrets.SelectMany(s => s.Split('.')).Concat([made.Key[("sml_".Length + 9)..]]).Where(p => p.Length > 12 && p != secrets[3].Split('.')[0]).Distinct())
        {
            written.ShouldNotContain(w => w.Contains(part, StringComparison.Ordinal), part);
        }
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private Task<WebHost> StartAsync(Workspace? workspace = null) => WebHost.StartAsync(workspace, services: s => s.AddSingleton<TimeProvider>(time));

    private static async Task<T> MakeAsync<T>(WebHost host, Func<IApiKeyStore, Task<T>> make)
    {
        var made = await make(host.Get<IApiKeyStore>());
        await host.Get<StoredKeys>().RefreshAsync(default);
        return made;
    }

    private static Task MakeAsync(WebHost host, Func<IApiKeyStore, Task> change) => MakeAsync(host, async k =>
    {
        await change(k);
        return true;
    });

    private static async Task<int> GetAsync(WebHost host, string path, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null) request.Headers.Add("x-api-key", key);
        using var response = await host.Client.SendAsync(request);
        return (int)response.StatusCode;
    }
}
