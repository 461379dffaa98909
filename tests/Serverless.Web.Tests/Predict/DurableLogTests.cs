using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Alerts;
using Serverless.Scoring;
using Serverless.Testing;

namespace Serverless.Web.Tests.Predict;

public sealed class DurableLogTests
{
    private const string Row = $$"""{"rows":[{{Flights.GoodRow}}]}""";

    [SkippableFact]
    public async Task Kill_UnderLoad_KeepsEveryAcknowledgedPrediction()
    {
        Skip.If(OperatingSystem.IsWindows(), "kill -9 is a signal of Unix");
        using var folder = new TempFolder();
        var store = folder[".serverless"];
        using var server = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(Program).Assembly.Location, "serve-durable", store]) { RedirectStandardOutput = true })!;
        var line = await server.StandardOutput.ReadLineAsync();
        using var client = new HttpClient { BaseAddress = new Uri(line!.Split(' ')[1]) };
        var answered = new List<string>();
        using var enough = new SemaphoreSlim(0);
        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    using var response = await client.PostAsync("/v1/models/late/predict", new StringContent(Row));
                    var id = (await response.Content.ReadFromJsonAsync<JsonNode>())!["predictions"]![0]!["id"]!.GetValue<string>();
                    lock (answered)
                    {
                        answered.Add(id);
                        if (answered.Count == 300) enough.Release();
                    }
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return; // the server is gone
            }
        })).ToArray();
        (await enough.WaitAsync(TimeSpan.FromMinutes(1))).ShouldBeTrue("the server answers");
        server.Kill();
        await server.WaitForExitAsync();
        await Task.WhenAll(load);

        var recorded = PredictionLogTests.Recorded(store, "late", "id");
        recorded.ShouldBeUnique();
        answered.Except(recorded).ShouldBeEmpty("what was answered was recorded before");
    }

    [Fact]
    public async Task Answer_StoreFull_Is503UntilTheStoreTakesRecordsAgain()
    {
        var full = new FullDisk();
        await using var host = await WebHost.StartAsync(Flights.Durable(), services: full.Wrap);
        var (first, body) = await host.AskAsync(Row);
        first.ShouldBe(200);
        full.Full = true;
        var (refused, problem) = await host.AskAsync(Row);
        refused.ShouldBe(503);
        problem["title"]!.GetValue<string>().ShouldBe("The prediction could not be recorded");
        problem["detail"]!.GetValue<string>().ShouldBe(
            "Nothing was answered, because model 'late' answers only what is recorded (predictionLog: durable) and the prediction log cannot be written: No space left on device. Try again; if it stays so, free space or mend the store.");
        using var response = await host.PredictAsync("late", Row);
        response.Headers.RetryAfter!.ToString().ShouldBe("1");
        (await host.AskAsync(Row, "minutes")).Status.ShouldBe(200, "a buffered model goes on");
        host.Predictions.Dropped.ShouldBe(2);
        (await host.GetAsync("/health/ready"))["droppedPredictions"]!.GetValue<long>().ShouldBe(2);

        full.Full = false;
        var (again, later) = await host.AskAsync(Row);
        again.ShouldBe(200);
        PredictionLogTests.Recorded(host.Folder, "late", "id").Order().ShouldBe(new[] { Id(body), Id(later) }.Order(), "what was refused is not recorded later either");
    }

    [Fact]
    public async Task Answer_StoreFull_IsSaidAsASignalAndTakenBack()
    {
        var full = new FullDisk { Full = true };
        await using var host = await WebHost.StartAsync(Flights.Durable(), services: full.Wrap);
        (await host.AskAsync(Row)).Status.ShouldBe(503);
        var signals = host.Get<ISignals>();
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        async Task<bool[]> SaidAsync() => [.. await signals.ReadAsync(today, today.AddDays(1)).Where(s => s.Subject == "late" && s.Name == "prediction-log").OrderBy(s => s.At).Select(s => s.Bad).ToArrayAsync()];
        await Eventually.TrueAsync(async () => (await SaidAsync()) is [true], "trouble is said");
        full.Full = false;
        (await host.AskAsync(Row)).Status.ShouldBe(200);
        // Well is said when nothing more was lost since the trouble was said: by the second good group at the latest.
        (await host.AskAsync(Row)).Status.ShouldBe(200);
        await Eventually.TrueAsync(async () => (await SaidAsync()) is [true, .., false], "and that it is over");
    }

    [Fact]
    public async Task Answer_StoreFull_IsRefusedInTheFormOfEachProtocol()
    {
        var full = new FullDisk { Full = true };
        await using var host = await WebHost.StartAsync(Flights.Durable(), services: full.Wrap);
        async Task<string> AskAsync(string path, string body)
        {
            using var response = await host.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
            ((int)response.StatusCode).ShouldBe(503);
            return await response.Content.ReadAsStringAsync();
        }

        const string Tensors = """{"inputs":[{"name":"date","shape":[1],"datatype":"BYTES","data":["2001-06-30"]},{"name":"origin","shape":[1],"datatype":"BYTES","data":["ATL"]}]}""";
        JsonNode.Parse(await AskAsync("/v2/models/late/infer", Tensors))!["error"]!.GetValue<string>().ShouldContain("No space left on device");
        JsonNode.Parse(await AskAsync("/v1/models/late/invocations", """{"dataframe_records":[{"date":"2001-06-30","origin":"ATL"}]}"""))!["message"]!.GetValue<string>().ShouldContain("No space left on device");
    }

    [Fact]
    public async Task Answer_ManyRequestsAtOnce_ShareTheWrites()
    {
        var disk = new FullDisk { Slow = TimeSpan.FromMilliseconds(50) };
        await using var host = await WebHost.StartAsync(Flights.Durable(), services: disk.Wrap);
        await host.AskAsync(Row);
        var before = disk.Writes;
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => host.AskAsync(Row))));
        answers.ShouldAllBe(a => a.Status == 200);
        (disk.Writes - before).ShouldBeLessThan(150, "200 requests, most of which came while others were being written");
        PredictionLogTests.Recorded(host.Folder, "late", "id").Count.ShouldBe(201);
    }

    [Fact]
    public async Task Answer_ManyRowsAndExplained_AreRecordedWhenAnswered()
    {
        await using var host = await WebHost.StartAsync(Flights.Durable());
        var (status, body) = await host.AskAsync($$"""{"rows":[{{string.Join(",", Enumerable.Repeat(Flights.GoodRow, 500))}}]}""");
        status.ShouldBe(200);
        PredictionLogTests.Recorded(host.Folder, "late", "id").ShouldBe(body["predictions"]!.AsArray().Select(p => p!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Answer_StoreThatHangs_IsRefusedAfterItsTime()
    {
        var disk = new FullDisk { Slow = TimeSpan.FromMinutes(10) };
        await using var host = await WebHost.StartAsync(Flights.Durable(), services: s =>
        {
            s.AddSingleton(new PredictionLogOptions { DurableTimeout = TimeSpan.FromMilliseconds(200) });
            disk.Wrap(s);
        });
        var (status, body) = await host.AskAsync(Row);
        status.ShouldBe(503);
        body["detail"]!.GetValue<string>().ShouldContain("the store did not take them within 0.2 s");
    }

    private static string Id(JsonNode body) => body["predictions"]![0]!["id"]!.GetValue<string>();
}
