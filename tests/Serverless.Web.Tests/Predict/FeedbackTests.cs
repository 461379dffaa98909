using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Testing;

namespace Serverless.Web.Tests.Predict;

public sealed class FeedbackTests(SharedWebHost shared) : IClassFixture<SharedWebHost>
{
    private const string Id = "01k4z0m5e8h2k9p3qx00000001";

    [Fact]
    public async Task Post_GoodItems_AreStoredByModelAndHourAsSent()
    {
        await using var host = await WebHost.StartAsync();
        var (status, answer) = await SendAsync(host.Client, $$"""
            {"items":[
              {"predictionId":"{{Id}}","actual":true,"seen":true,"used":false,"opinion":"wrong","comment":"Zürich 😀","model":"late"},
              {"key":"booking-17","actual":12.5,"time":"2001-06-30T18:05:00+02:00","model":"minutes"},
              {"predictionId":"nobody-made-this","actual":"weather","model":"reason"}]}
            """);
        (status, answer["accepted"]!.GetValue<int>(), answer["rejected"]!.AsArray().Count).ShouldBe((200, 3, 0));

        var late = Lines(host.Folder, "late").ShouldHaveSingleItem();
        late["predictionId"]!.GetValue<string>().ShouldBe(Id);
        late["actual"]!.GetValue<bool>().ShouldBeTrue();
        (late["seen"]!.GetValue<bool>(), late["used"]!.GetValue<bool>(), late["opinion"]!.GetValue<string>(), late["comment"]!.GetValue<string>(), late["by"]!.GetValue<string>()).ShouldBe((true, false, "wrong", "Zürich 😀", "api"));
        var minutes = Lines(host.Folder, "minutes").ShouldHaveSingleItem();
        (minutes["key"]!.GetValue<string>(), minutes["actual"]!.GetValue<double>(), minutes["time"]!.GetValue<DateTimeOffset>()).ShouldBe(("booking-17", 12.5, new DateTimeOffset(2001, 6, 30, 16, 5, 0, TimeSpan.Zero)));
        Lines(host.Folder, "reason").ShouldHaveSingleItem()["actual"]!.GetValue<string>().ShouldBe("weather");
        Directory.GetFiles(Path.Combine(host.Folder, "objects", "feedback", "late"), "*", SearchOption.AllDirectories).ShouldHaveSingleItem()
            .ShouldMatch(@"feedback/late/date=\d{4}-\d\d-\d\d/hour=\d\d/\d{10}-\w+\.jsonl$");
    }

    [Theory]
    [InlineData("""{"actual":true,"model":"late"}""", "items[0].predictionId", "either 'predictionId' or 'key'")]
    [InlineData("""{"predictionId":"x","model":"late"}""", "items[0].actual", "nothing is said")]
    [InlineData("""{"predictionId":"x","actual":null,"model":"late"}""", "items[0].actual", "nothing is said")]
    [InlineData("""{"predictionId":"x","actual":"maybe","model":"late"}""", "items[0].actual", "true or false came true, not \"maybe\"")]
    [InlineData("""{"predictionId":"x","actual":"soon","model":"minutes"}""", "items[0].actual", "a number came true, not \"soon\"")]
    [InlineData("""{"predictionId":"x","actual":[1],"model":"late"}""", "items[0].actual", "expected true or false, a number or a text")]
    [InlineData("""{"predictionId":"x","actual":true,"model":"lat"}""", "items[0].model", "Did you mean 'late'?")]
    [InlineData("""{"key":"x","actual":true}""", "items[0].model", "keys may be of several models")]
    [InlineData("""{"predictonId":"x","actual":true,"model":"late"}""", "items[0].predictonId", "Did you mean 'predictionId'?")]
    [InlineData("""{"predictionId":"","actual":true,"model":"late"}""", "items[0].predictionId", "it is empty")]
    [InlineData("""{"predictionId":7,"actual":true,"model":"late"}""", "items[0].predictionId", "expected a text")]
    [InlineData("""{"predictionId":"x","seen":"yes","model":"late"}""", "items[0].seen", "expected true or false")]
    [InlineData("""{"predictionId":"x","seen":false,"used":true,"model":"late"}""", "items[0].used", "not seen")]
    [InlineData("""{"predictionId":"x","actual":true,"time":"2001-06-30","model":"late"}""", "items[0].time", "RFC 3339")]
    [InlineData("""{"predictionId":"x","actual":true,"time":"2999-06-30T00:00:00Z","model":"late"}""", "items[0].time", "has not come yet: this server's clock says")]
    [InlineData("""{"predictionId":"x","actual":"\uD800","model":"reason"}""", "items[0].actual", "is not valid text (UTF-8)")]
    [InlineData("""{"predictionId":"x","comment":"\uDC00 then","model":"late"}""", "items[0].comment", "is not valid text (UTF-8)")]
    [InlineData("7", "items[0]", "expected an object")]
    public async Task Post_ABadItem_IsRejectedByFieldAndTheOthersAreTaken(string bad, string field, string reason)
    {
        var (status, answer) = await SendAsync(shared.Host.Client, $$"""{"items":[{{bad}},{"predictionId":"{{Id}}","actual":true,"model":"late"}]}""");
        (status, answer["accepted"]!.GetValue<int>()).ShouldBe((200, 1));
        var rejected = answer["rejected"]!.AsArray().ShouldHaveSingleItem()!;
        (rejected["index"]!.GetValue<int>(), rejected["field"]!.GetValue<string>()).ShouldBe((0, field));
        rejected["reason"]!.GetValue<string>().ShouldContain(reason);
    }

    [Theory]
    [InlineData("", "no JSON", "body")]
    [InlineData("[]", "The body: expected", "body")]
    [InlineData("""{"items":[{"predictionId":"x","\uD800":1,"model":"late"}]}""", "it holds what is no text (UTF-8)", "body")]
    [InlineData("""{"item":[]}""", "item: there is no such field", "item")]
    [InlineData("""{"items":7}""", "items: expected a list", "items")]
    [InlineData("""{"items":[],"model":7}""", "model: expected the name", "model")]
    [InlineData("""{"items":[{"actual":true,"actual":false}]}""", "no JSON", "body")]
    public async Task Post_ABadBody_IsRefusedAsAWhole(string body, string detail, string field)
    {
        var (status, answer) = await SendAsync(shared.Host.Client, body);
        (status, answer["status"]!.GetValue<int>()).ShouldBe((400, 400));
        answer["detail"]!.GetValue<string>().ShouldContain(detail);
        answer["errors"]!.AsObject().ShouldHaveSingleItem().Key.ShouldBe(field);
    }

    [Fact]
    public async Task Post_StoreFull_IsRefusedAndTakenLater()
    {
        var full = new FullDisk();
        await using var host = await WebHost.StartAsync(services: full.Wrap);
        const string Body = """{"items":[{"predictionId":"a","actual":true,"model":"late"}]}""";
        (await SendAsync(host.Client, Body)).Status.ShouldBe(200);
        full.Full = true;
        var (status, answer) = await SendAsync(host.Client, Body);
        status.ShouldBe(503);
        answer["detail"]!.GetValue<string>().ShouldContain("No space left on device");
        full.Full = false;
        (await SendAsync(host.Client, Body)).Status.ShouldBe(200);
        Lines(host.Folder, "late").Count.ShouldBe(2, "what was acknowledged, and nothing else");
    }

    [SkippableFact]
    public async Task Kill_OneOfTwoServersUnderLoad_LosesNothingAcknowledged()
    {
        Skip.If(OperatingSystem.IsWindows(), "kill -9 is a signal of Unix");
        using var folder = new TempFolder();
        var store = folder[".serverless"];
        using var doomed = Start(store);
        using var first = new HttpClient { BaseAddress = await AddressAsync(doomed) };
        using var other = Start(store);
        using var second = new HttpClient { BaseAddress = await AddressAsync(other) };
        var acknowledged = new List<string>();
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var client = worker % 2 == 0 ? first : second;
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var id = $"{worker}-{i}";
                try
                {
                    var (status, answer) = await SendAsync(client, $$"""{"items":[{"predictionId":"{{id}}","actual":true}],"model":"late"}""");
                    if (status == 200 && answer["accepted"]!.GetValue<int>() == 1) lock (acknowledged) acknowledged.Add(id);
                }
                catch (HttpRequestException)
                {
                    return;
                }
            }
        })).ToArray();
        await Eventually.TrueAsync(() => Task.FromResult(Count(acknowledged, "0-") > 20 && Count(acknowledged, "1-") > 20), "both take feedback");
        doomed.Kill();
        await doomed.WaitForExitAsync();
        await stop.CancelAsync();
        await Task.WhenAll(load);
        other.Kill();
        await other.WaitForExitAsync();

        var stored = Lines(store, "late").Select(l => l["predictionId"]!.GetValue<string>()).ToList();
        acknowledged.Except(stored).ShouldBeEmpty();
        stored.Count.ShouldBe(stored.Distinct().Count());
        stored.Except(acknowledged).Count().ShouldBeLessThanOrEqualTo(8, "at most the requests that were under way");
    }

    private static int Count(List<string> acknowledged, string prefix)
    {
        lock (acknowledged) return acknowledged.Count(a => a.StartsWith(prefix, StringComparison.Ordinal));
    }

    private static Process Start(string store) => Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(Program).Assembly.Location, "serve", store]) { RedirectStandardOutput = true })!;

    private static async Task<Uri> AddressAsync(Process server) => new((await server.StandardOutput.ReadLineAsync())!.Split(' ')[1]);

    private static async Task<(int Status, JsonNode Answer)> SendAsync(HttpClient client, string body)
    {
        using var response = await client.PostAsync("/v1/feedback", new StringContent(body, Encoding.UTF8, "application/json"));
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    private static List<JsonNode> Lines(string store, string model) =>
        [.. Directory.GetFiles(Path.Combine(store, "objects", "feedback", model), "*.jsonl", SearchOption.AllDirectories).SelectMany(File.ReadAllLines).Select(l => JsonNode.Parse(l)!)];
}
