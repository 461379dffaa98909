using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Workspaces;

namespace Serverless.Web.Tests.Alerts;

/// <summary>Alerts and incidents over HTTP.</summary>
public sealed class AlertTests : IAsyncLifetime
{
    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync(champions: false);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Alerts_FiringFirst_ArePagedShownAndTakenInHand()
    {
        await PublishAsync("a", Severity.Warning);
        await PublishAsync("b", Severity.Critical);
        await PublishAsync("c", Severity.Error);

        var page = await host.GetAsync("/v1/alerts?limit=2");
        page["firing"]!.GetValue<int>().ShouldBe(3);
        page["alerts"]!.AsArray().Select(a => a!["subject"]!.GetValue<string>()).ShouldBe(["b", "c"]);
        var rest = await host.GetAsync($"/v1/alerts?limit=2&after={page["next"]}");
        rest["alerts"]!.AsArray().Select(a => a!["subject"]!.GetValue<string>()).ShouldBe(["a"]);
        rest["next"].ShouldBeNull();
        (await host.GetAsync("/v1/alerts?after=nope", 400))["detail"]!.GetValue<string>().ShouldBe("after: 'nope' is not an alert of this list. Start again without it.");

        var id = page["alerts"]![0]!["id"]!.GetValue<string>();
        var shown = await host.GetAsync($"/v1/alerts/{id}");
        shown["signals"]![0]!["message"]!.GetValue<string>().ShouldBe("size is 5");
        shown["notifications"]![0]!["channel"]!.GetValue<string>().ShouldBe("log");
        (await host.GetAsync("/v1/alerts/nope", 404))["detail"]!.GetValue<string>().ShouldBe("alert 'nope' does not exist. GET /v1/alerts lists those that do.");
        var (status, taken) = await PostAsync($"/v1/alerts/{id}/acknowledge", "{\"comment\":\"on it\"}");
        status.ShouldBe(200);
        taken["alert"]!["acknowledged"]!["comment"]!.GetValue<string>().ShouldBe("on it");
    }

    [Fact]
    public async Task Incidents_OpenedUpdatedClosed_AnswerWithTheirTimeline()
    {
        await PublishAsync("b", Severity.Error);
        var (status, opened) = await PostAsync("/v1/incidents", "{\"title\":\"wrong prices\",\"severity\":\"critical\",\"subjects\":[\"prices\"]}");
        status.ShouldBe(200);
        var id = opened["incident"]!["id"]!.GetValue<string>();
        (await PostAsync($"/v1/incidents/{id}", "{\"cause\":\"tax\",\"category\":\"people\",\"actions\":[{\"text\":\"four eyes\",\"kind\":\"prevent\",\"due\":\"2026-03-15\"}]}")).Status.ShouldBe(200);
        var (_, closed) = await PostAsync($"/v1/incidents/{id}/close", "");
        closed["timeline"]!.AsArray().Count.ShouldBe(3);
        closed["incident"]!["actions"]![0]!["due"]!.GetValue<string>().ShouldBe("2026-03-15");
        (await PostAsync($"/v1/incidents/{id}/close", "")).Status.ShouldBe(409);

        var list = await host.GetAsync("/v1/incidents?limit=1");
        list["open"]!.GetValue<int>().ShouldBe(1);
        var next = await host.GetAsync($"/v1/incidents?after={list["next"]}");

        // Both were opened within the same second, so either may come first.
        var both = new[] { list, next }.Select(p => p["incidents"]!.AsArray().ShouldHaveSingleItem()!).ToDictionary(i => i["id"]!.GetValue<string>(), i => i["openedBy"]!.GetValue<string>());
        both.Remove(id).ShouldBeTrue();
        both.Values.ShouldHaveSingleItem().ShouldStartWith("alert:b-check-");
        (await host.GetAsync("/v1/incidents/nope", 404))["detail"]!.GetValue<string>().ShouldContain("incident 'nope' does not exist");
    }

    [Theory]
    [InlineData("", "The body is empty; expected {\"title\":")]
    [InlineData("{}", "title: expected what people see, in one line.")]
    [InlineData("{\"title\":7}", "title: not known here, or not of the type expected.")]
    [InlineData("{\"title\":\"x\",\"severity\":\"bad\"}", "severity: not known here, or not of the type expected.")]
    [InlineData("{\"title\":\"x\",\"titel\":\"y\"}", "titel: not known here")]
    [InlineData("{\"title\":\"x\",\"cause\":\"y\"}", "cause, overAt, note, actions and done are said by an update")]
    [InlineData("[1]", "The body: not known here, or not of the type expected.")]
    [InlineData("{", "The body: not known here, or not of the type expected.")]
    public async Task Incidents_WrongBody_IsRefusedByField(string body, string expected)
    {
        var (status, answer) = await PostAsync("/v1/incidents", body);
        status.ShouldBe(400);
        answer["detail"]!.GetValue<string>().ShouldStartWith(expected);
        (await host.GetAsync("/v1/incidents"))["incidents"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Everything_NeedsTheScopeOperate()
    {
        await using var closed = await WebHost.StartAsync(Flights.Workspace(new ApiKeySettings { Name = "web", Sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("k"u8)), Scopes = ["predict"] }), champions: false);
        foreach (var path in new[] { "/v1/alerts", "/v1/alerts/x", "/v1/incidents", "/v1/incidents/x" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("x-api-key", "k");
            ((int)(await closed.Client.SendAsync(request)).StatusCode).ShouldBe(403, path);
        }
    }

    private async Task PublishAsync(string subject, Severity severity)
    {
        await host.Get<ISignals>().PublishAsync([new Signal { Kind = SignalKind.Check, Subject = subject, Name = "size", Bad = true, Severity = severity, Message = "size is 5", At = DateTimeOffset.UtcNow }]);
        await host.Get<IAlertWorker>().TickAsync();
    }

    private async Task<(int Status, JsonNode Body)> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync(path, content);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }
}
