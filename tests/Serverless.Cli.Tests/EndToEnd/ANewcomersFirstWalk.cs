using System.Text;
using System.Text.Json;

namespace Serverless.Cli.Tests.EndToEnd;

public sealed class ANewcomersFirstWalk
{
    [Fact]
    public async Task Demo_WithFlights_EndsWithARealAnswerAndLeavesAWorkspaceThatServes()
    {
        using var folder = new Testing.TempFolder();
        using var demo = CliProcess.Start(folder.Path, "demo", "--json", "--folder", folder["flights"]);

        (await demo.ExitAsync()).ShouldBe(ExitCode.Done, demo.Error);

        using var document = JsonDocument.Parse(demo.Out);
        var json = document.RootElement;
        json.GetProperty("partitions").GetInt32().ShouldBe(60);
        json.GetProperty("rows").GetInt64().ShouldBe(245_853);
        json.GetProperty("quarantined").GetInt64().ShouldBe(3);
        json.GetProperty("run").GetString()!.ShouldStartWith("train-");
        json.GetProperty("version").GetInt32().ShouldBe(1);
        json.GetProperty("metrics").GetProperty("auc").GetDouble().ShouldBeInRange(0.60, 0.70);
        json.GetProperty("prediction").GetProperty("probability").GetDouble().ShouldBeInRange(0, 1);
        json.GetProperty("seconds").GetDouble().ShouldBeGreaterThan(0);

        // What the demo leaves is a workspace like any other.
        var (serve, address) = await CliProcess.ServeAsync(folder["flights"], "serve");
        using (serve)
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
            using var body = new StringContent("""{"rows":[{"date":"2001-03-02T18:30:00Z","distance":733,"origin":"ORD","destination":"LGA"}]}""", Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(new Uri("/v1/models/flight-delay/predict", UriKind.Relative), body);
            answer.IsSuccessStatusCode.ShouldBeTrue();
            using var again = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            again.RootElement.GetProperty("predictions")[0].GetProperty("probability").GetDouble().ShouldBe(json.GetProperty("prediction").GetProperty("probability").GetDouble());
            serve.Interrupt();
            (await serve.ExitAsync()).ShouldBe(ExitCode.Done, serve.Error);
        }
    }

    [Fact]
    public async Task Demo_WithWeather_TrainsBothModelsAndTellsTheStory()
    {
        using var folder = new Testing.TempFolder();

        var run = await Cli.DoneAsync(folder.Path, "demo", "--sample", "weather", "--folder", folder["w"], "--no-serve");

        run.Out.ShouldContain("48 drops became 48 immutable partitions: 1,461 rows of weather");
        run.Out.ShouldContain("temperature version 1 is registered, and champion.");
        run.Out.ShouldContain("weather-kind version 1 is registered, and champion.");
        run.Out.ShouldContain("how warm will it get?");
        run.Out.ShouldContain("serverless-ml serve --workspace");
        run.Error.ShouldBeEmpty();
    }
}
