using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Secrets;

namespace Serverless.Core.Tests.Alerts;

/// <summary>The HTTP channels against a real server.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private readonly HttpPost http = new();
    private readonly Dictionary<string, string?> variables = [];
    private HookServer server = null!;

    public async Task InitializeAsync() => server = await HookServer.StartAsync();

    public async Task DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Webhook_200_HasTheWholeAlertTheIdAndTheSignature()
    {
        variables["KEY"] = "whsec_" + Convert.ToBase64String("a key of some length"u8);
        variables["AUTH"] = "Bearer abc";
        await SendAsync("webhook", Messages.Firing(), ("url", server.Url + "/hook?x=1"), ("secret", "env:KEY"), ("authorization", "env:AUTH"));

        var call = server.Calls.ShouldHaveSingleItem();
        call.Path.ShouldBe("/hook");
        call.Headers["Content-Type"].ShouldBe("application/json; charset=utf-8");
        call.Headers["Authorization"].ShouldBe("Bearer abc");
        call.Headers["webhook-id"].ShouldBe("flights-check-3f2a91.1");
        call.Headers["Idempotency-Key"].ShouldBe("flights-check-3f2a91.1");

        // standardwebhooks.com: base64(HMAC-SHA256(key, id.timestamp.body)), the key being base64 behind "whsec_"
        var signed = $"{call.Headers["webhook-id"]}.{call.Headers["webhook-timestamp"]}.{call.Body}";
        call.Headers["webhook-signature"].ShouldBe("v1," + Convert.ToBase64String(HMACSHA256.HashData("a key of some length"u8, Encoding.UTF8.GetBytes(signed))));

        var body = JsonNode.Parse(call.Body)!;
        body["event"]!.GetValue<string>().ShouldBe("firing");
        body["workspace"]!.GetValue<string>().ShouldBe("airline");
        body["alert"]!["severity"]!.GetValue<string>().ShouldBe("error");
        body["alert"]!["status"]!.GetValue<string>().ShouldBe("firing");
        body["alert"]!["signals"]![0]!["name"]!.GetValue<string>().ShouldBe("completeness(delay)");
        body["alert"]!["signals"]![0]!["value"]!.GetValue<double>().ShouldBe(0.61);
        body["next"]![0]!["command"]!.GetValue<string>().ShouldBe("serverless-ml check flights --date 2001-01-05");
    }

    [Theory]
    [InlineData(500, "oh\r\nno", "127.0.0.1 answered 500 Internal Server Error: oh no")]
    [InlineData(404, "", "127.0.0.1 answered 404 Not Found (was the webhook removed?)")]
    [InlineData(401, "bad token", "127.0.0.1 answered 401 Unauthorized: bad token")]
    public async Task Webhook_NotTwoHundred_IsAFailureWithWhatTheServerSaid(int status, string says, string expected)
    {
        server.Answer = async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(says);
        };
        (await FailAsync("webhook", ("url", server.Url))).Message.ShouldBe(expected);
    }

    [Fact]
    public async Task Webhook_Redirect_IsNotFollowed()
    {
        await using var other = await HookServer.StartAsync();
        server.Answer = context =>
        {
            context.Response.Redirect(other.Url + "/stolen");
            return Task.CompletedTask;
        };
        (await FailAsync("webhook", ("url", server.Url))).Message.ShouldBe("127.0.0.1 answered 302 Found: redirects are not followed; write the address that it leads to (on 127.0.0.1)");
        other.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Webhook_AsksForPatience_IsRemembered()
    {
        server.Answer = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "120";
            return Task.CompletedTask;
        };
        (await FailAsync("webhook", ("url", server.Url))).RetryAfter.ShouldBe(TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task Webhook_Hangs_EndsAfterItsTimeout()
    {
        server.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        (await FailAsync("webhook", ("url", server.Url), ("timeout", "1s"))).Message.ShouldBe("no answer within 1 s");
        server.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Webhook_AnswersDripByDrip_EndsAfterItsTimeout()
    {
        server.Answer = async context =>
        {
            context.Response.StatusCode = 500;
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync(".");
                await context.Response.Body.FlushAsync();
                await Task.Delay(100);
            }
        };
        (await FailAsync("webhook", ("url", server.Url), ("timeout", "1s"))).Message.ShouldBe("no answer within 1 s");
    }

    [Fact]
    public async Task Webhook_NobodyListens_SaysSoWithoutTheAddressesPath()
    {
        await using var gone = await HookServer.StartAsync();
        var url = gone.Url;
        await gone.DisposeAsync();
        var message = (await FailAsync("webhook", ("url", url + "/T0/secret"))).Message;
        message.ShouldContain("could not be reached: Connection refused");
        message.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("slack")]
    [InlineData("teams")]
    [InlineData("webhook")]
    public async Task Secret_IsNotSet_SaysWhichVariable(string kind)
    {
        (await FailAsync(kind, ("url", "env:NOT_SET"))).Message.ShouldBe("the environment variable NOT_SET is not set in this process, or empty");
    }

    // docs.slack.dev: incoming webhooks; reference of header (150), section (3,000) and context blocks (10 elements); 50 blocks; &, < and > are escaped
    [Fact]
    public async Task Slack_ChatMarkupInNames_IsTextAndWithinTheLimits()
    {
        variables["SLACK"] = server.Url + "/services/T0/B0/x";
        var nasty = "<!channel> <https://evil.example|click> & *bold* _it_ `code` " + new string('<', 4000);
        await SendAsync("slack", Messages.Firing(nasty), ("url", "env:SLACK"));

        var body = JsonNode.Parse(server.Calls.ShouldHaveSingleItem().Body)!;
        var blocks = body["blocks"]!.AsArray();
        blocks.Count.ShouldBeLessThanOrEqualTo(50);
        blocks[0]!["type"]!.GetValue<string>().ShouldBe("header");
        blocks[0]!["text"]!["type"]!.GetValue<string>().ShouldBe("plain_text");
        blocks[0]!["text"]!["text"]!.GetValue<string>().Length.ShouldBeLessThanOrEqualTo(150);
        foreach (var block in blocks.Skip(1).Select(b => b!["text"]).OfType<JsonNode>()) block["text"]!.GetValue<string>().Length.ShouldBeInRange(1, 3000);
        blocks[^1]!["elements"]!.AsArray().Count.ShouldBeInRange(1, 10);
        foreach (var text in Texts(body))
        {
            text.ShouldNotContain("<");
            text.ShouldNotContain(">");
            text.Replace("&amp;", "", StringComparison.Ordinal).Replace("&lt;", "", StringComparison.Ordinal).Replace("&gt;", "", StringComparison.Ordinal).ShouldNotContain("&");
        }

        // What is markup is ours alone.
        foreach (var markup in blocks.Where(b => b!["text"]?["type"]?.GetValue<string>() == "mrkdwn")) markup!["text"]!["text"]!.GetValue<string>().ShouldNotContain("evil");
    }

    // learn.microsoft.com: "Create incoming webhooks with Workflows"; adaptivecards.io: AdaptiveCard 1.4, RichTextBlock, TextRun
    [Fact]
    public async Task Teams_Message_IsAnAdaptiveCardWithoutMarkdown()
    {
        variables["TEAMS"] = server.Url + "/workflows/x";
        await SendAsync("teams", Messages.Firing("**bold** [click](https://evil.example) <at>all</at>"), ("url", "env:TEAMS"));

        var body = JsonNode.Parse(server.Calls.ShouldHaveSingleItem().Body)!;
        body["type"]!.GetValue<string>().ShouldBe("message");
        var attachment = body["attachments"]!.AsArray().ShouldHaveSingleItem()!;
        attachment["contentType"]!.GetValue<string>().ShouldBe("application/vnd.microsoft.card.adaptive");
        var card = attachment["content"]!;
        (card["type"]!.GetValue<string>(), card["version"]!.GetValue<string>()).ShouldBe(("AdaptiveCard", "1.4"));
        foreach (var block in card["body"]!.AsArray())
        {
            block!["type"]!.GetValue<string>().ShouldBe("RichTextBlock");
            block["inlines"]!.AsArray().ShouldAllBe(i => i!["type"]!.GetValue<string>() == "TextRun" && i["text"]!.GetValue<string>().Length > 0);
        }

        card["body"]![0]!["inlines"]![0]!["text"]!.GetValue<string>().ShouldBe("Error: flights: check failed: completeness(delay)");
        card["body"]![0]!["inlines"]![0]!["color"]!.GetValue<string>().ShouldBe("attention");
    }

    [Fact]
    public async Task Teams_ThousandSignals_StaysBelowTheLimitOfACard()
    {
        variables["TEAMS"] = server.Url;
        await SendAsync("teams", Messages.Firing(signals: 1000), ("url", "env:TEAMS"));
        var call = server.Calls.ShouldHaveSingleItem();
        Encoding.UTF8.GetByteCount(call.Body).ShouldBeLessThan(28 * 1024);
        call.Body.ShouldContain("more");
    }

    private static IEnumerable<string> Texts(JsonNode node) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Key == "text" && p.Value is JsonValue v ? [v.GetValue<string>()] : p.Value is null ? [] : Texts(p.Value)),
        JsonArray a => a.SelectMany(i => i is null ? [] : Texts(i)),
        _ => [],
    };

    private Task SendAsync(string kind, AlertMessage message, params (string Key, string Value)[] parameters)
    {
        var secrets = new SecretReader([new Variables(variables)]);
        var catalogue = new ChannelCatalogue([new WebhookChannel(http, secrets, new FakeTimeProvider(AlertBench.Noon)), new SlackChannel(http, secrets), new TeamsChannel(http, secrets)]);
        return catalogue.SendAsync(new ChannelDefinition { Name = "c", Kind = kind, Parameters = parameters.ToDictionary(p => p.Key, p => new Parameter([p.Value], false, 1, 1)) }, message, CancellationToken.None)
            .WaitAsync(TimeSpan.FromSeconds(30));
    }

    private async Task<DeliveryException> FailAsync(string kind, params (string Key, string Value)[] parameters) => await Should.ThrowAsync<DeliveryException>(SendAsync(kind, Messages.Firing(), parameters));

    private sealed class Variables(Dictionary<string, string?> values) : ISecretStore
    {
        public string Scheme => SecretReference.Environment;

        public ValueTask<string?> FindAsync(string name, CancellationToken cancel = default) => new(values.GetValueOrDefault(name));
    }
}
