using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Time.Testing;
using Serverless.Problems;

namespace Serverless.Azure.Tests;

public sealed class AppConfigurationFlagsTests
{
    private readonly FakeTimeProvider time = new();
    private readonly Configuration store = new();

    private AppConfigurationFlags Flags => new(new Uri("https://flags.azconfig.io"), new Token(), new Options { Transport = new HttpClientTransport(store), Retry = { MaxRetries = 0 } }, time);

    [Fact]
    public async Task Update_ThenRead_IsAFeatureFlagOfAppConfiguration()
    {
        var flags = Flags;
        await flags.UpdateAsync("rollout-late", _ => new JsonObject { ["id"] = "rollout-late", ["enabled"] = true });

        var set = (await flags.ReadAsync(null))!;

        set.Flags["rollout-late"]["enabled"]!.GetValue<bool>().ShouldBeTrue();
        store.Values.Keys.ShouldBe([".appconfig.featureflag/rollout-late"]);
        store.ContentTypes.ShouldBe(["application/vnd.microsoft.appconfig.ff+json;charset=utf-8"]);
        (await flags.ReadAsync(set.Mark)).ShouldBeNull();
    }

    [Fact]
    public async Task Read_WithinItsInterval_DoesNotAskAgain()
    {
        var flags = Flags;
        var mark = (await flags.ReadAsync(null))!.Mark;
        var asked = store.Asked;

        (await flags.ReadAsync(mark)).ShouldBeNull();
        store.Asked.ShouldBe(asked);
        time.Advance(AppConfigurationFlags.AskEvery);
        await Flags.UpdateAsync("x", _ => new JsonObject { ["id"] = "x" });
        (await flags.ReadAsync(mark))!.Flags.Keys.ShouldBe(["x"]);
    }

    [Fact]
    public async Task Update_SomebodyElseChangedItMeanwhile_BeginsFromTheirs()
    {
        await Flags.UpdateAsync("x", _ => new JsonObject { ["id"] = "x", ["n"] = 1 });
        var looks = 0;

        await Flags.UpdateAsync("x", there =>
        {
            if (looks++ == 0) store.Values[".appconfig.featureflag/x"] = ("theirs", """{"id":"x","n":10}""");
            return new JsonObject { ["id"] = "x", ["n"] = there!["n"]!.GetValue<int>() + 1 };
        });

        looks.ShouldBe(2);
        (await Flags.ReadAsync(null))!.Flags["x"]["n"]!.GetValue<int>().ShouldBe(11);
    }

    [Fact]
    public async Task Update_ToNothing_RemovesIt()
    {
        await Flags.UpdateAsync("x", _ => new JsonObject { ["id"] = "x" });
        await Flags.UpdateAsync("x", _ => null);
        store.Values.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "App Configuration Data Owner")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "answered 503")]
    public async Task Read_Refused_SaysWhatIsNeeded(HttpStatusCode status, string expected)
    {
        store.Answer = status;
        (await Should.ThrowAsync<EnvironmentException>(() => Flags.ReadAsync(null))).Message.ShouldContain(expected);
    }

    [Fact]
    public async Task Read_Unreachable_IsAnErrorOfTheEnvironment()
    {
        store.Down = true;
        (await Should.ThrowAsync<EnvironmentException>(() => Flags.ReadAsync(null))).Message.ShouldStartWith("App Configuration at https://flags.azconfig.io cannot be reached");
    }

    private sealed class Options : ClientOptions;

    private sealed class Token : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("a-token", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            requestContext.Scopes.ShouldBe(["https://flags.azconfig.io/.default"]);
            return new(GetToken(requestContext, cancellationToken));
        }
    }

    /// <summary>The part of App Configuration's REST API that flags use.</summary>
    private sealed class Configuration : HttpMessageHandler
    {
        private int marks;

        public Dictionary<string, (string ETag, string Value)> Values { get; } = new(StringComparer.Ordinal);

        public List<string> ContentTypes { get; } = [];

        public int Asked { get; private set; }

        public HttpStatusCode? Answer { get; set; }

        public bool Down { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            if (Down) throw new HttpRequestException("no route to host");
            if (Answer is { } status) return new HttpResponseMessage(status) { Content = new StringContent("{}") };
            var path = Uri.UnescapeDataString(request.RequestUri!.AbsolutePath);
            if (path == "/kv") return Json(new JsonObject { ["items"] = new JsonArray([.. Values.Select(v => Item(v.Key))]) });
            var key = path["/kv/".Length..];
            if (request.Method == HttpMethod.Get) return Values.ContainsKey(key) ? Json(Item(key)) : new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("") };
            var there = Values.TryGetValue(key, out var value);
            if (request.Headers.IfNoneMatch.Count > 0 ? there : !there || request.Headers.IfMatch.Single().Tag != $"\"{value.ETag}\"") return new HttpResponseMessage(HttpStatusCode.PreconditionFailed) { Content = new StringContent("") };
            if (request.Method == HttpMethod.Delete)
            {
                Values.Remove(key);
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("") };
            }

            var body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
            ContentTypes.Add(body["content_type"]!.GetValue<string>());
            Values[key] = ($"mark{++marks}", body["value"]!.GetValue<string>());
            return Json(Item(key));
        }

        private JsonObject Item(string key) => new() { ["key"] = key, ["etag"] = Values[key].ETag, ["value"] = Values[key].Value };

        private static HttpResponseMessage Json(JsonNode value) => new(HttpStatusCode.OK) { Content = new StringContent(value.ToJsonString(), Encoding.UTF8, "application/json") };
    }
}
