using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Serverless.Testing;

namespace Serverless.Cli.Tests.EndToEnd;

/// <summary>
/// A server that has a binary model in an A/B test, a model of several classes with a challenger in the dark, and a regression that lacks a value which an HTTP source brings or does not: whatever it answered is made again from its
/// record, equal to the last bit, when source and server are gone.
/// </summary>
public sealed class EveryAnswerCanBeMadeAgain
{
    private const string Trains = """
        dataset: trains
        partition: { column: at, grain: day }
        columns:
          at:    { type: timestamp, required: true }
          delay: { type: integer, min: -60, max: 600 }
          line:  { type: string, required: true }
          crowd: { type: number }
        """;

    private const string Features = """
        features:
          hour: at.Hour
          crowd: crowd
        """;

    [Fact]
    public async Task Answers_OfEveryTaskRolloutAndSource_AreEqualWhenMadeAgain()
    {
        using var folder = new TempFolder();
        folder.Write("serverless.yaml", "name: trains\n");
        folder.Write("datasets/trains.yaml", Trains);
        await using var source = await SourceAsync();
        folder.Write("models/late.yaml", Model("late", "binary", "delay > 10", "auc, min: 0.5", "rollout: { kind: ab, split: { champion: 50, challenger: 50 }, for: 9d }\npredictionLog: durable"));
        folder.Write("models/colour.yaml", Model("colour", "multiclass", "line", "accuracy, min: 0.1", "rollout: { kind: shadow }"));
        folder.Write("models/minutes.yaml", Model("minutes", "regression", "delay", "rmse, max: 1000",
            $"enrich:\n  url: {source.Urls.First()}/crowds/{{line}}\n  columns: {{ crowd: \"now[0].share\" }}\n  fallback: {{ crowd: 0.25 }}\n  timeout: 5\n  retries: 0").Replace("crowd: crowd", "crowd: crowd\n  line: { from: line, encode: category }", StringComparison.Ordinal));
        await Cli.DoneAsync(folder.Path, ["ingest", "trains", .. Enumerable.Range(1, 8).Select(d => Day(folder, d))]);
        foreach (var model in new[] { "late", "colour", "late", "colour", "minutes" }) await Cli.DoneAsync(folder.Path, "train", model);

        var ids = new List<(string Id, string Expected)>();
        var (server, address) = await CliProcess.ServeAsync(folder.Path, "serve");
        using (server)
        using (var client = new HttpClient { BaseAddress = address })
        {
            async Task<JsonElement> AskAsync(string model, string row, string subject)
            {
                using var response = await client.PostAsync($"/v1/models/{model}/predict", new StringContent($$"""{"rows":[{{row}}],"subject":"{{subject}}"}""", Encoding.UTF8, "application/json"));
                var text = await response.Content.ReadAsStringAsync();
                ((int)response.StatusCode).ShouldBe(200, text + server.Error);
                using var json = JsonDocument.Parse(text);
                return json.RootElement.GetProperty("predictions")[0].Clone();
            }

            for (var i = 0; i < 12; i++)
            {
                var answer = await AskAsync("late", string.Create(CultureInfo.InvariantCulture, $$"""{"at":"2024-03-09T{{i + 8:00}}:00:00Z","line":"red","crowd":0.{{i}}}"""), $"u{i}");
                ids.Add((answer.GetProperty("id").GetString()!, $"late {answer.GetProperty("version")} {answer.GetProperty("role")} {answer.GetProperty("score")}"));
            }

            ids.Select(i => i.Expected.Split(' ')[2]).Distinct().Order().ShouldBe(["challenger", "champion"]);
            for (var i = 0; i < 3; i++)
            {
                var answer = await AskAsync("colour", $$"""{"at":"2024-03-09T1{{i}}:00:00Z","crowd":0.{{i}}5}""", $"u{i}");
                ids.Add((answer.GetProperty("id").GetString()!, $"colour 1 champion {answer.GetProperty("score")}"));
                ids.Add((answer.GetProperty("id").GetString()! + "-shadow", "colour 2 shadow "));
            }

            foreach (var line in new[] { "red", "green" })
            {
                var answer = await AskAsync("minutes", $$"""{"at":"2024-03-09T18:00:00Z","line":"{{line}}"}""", line);
                answer.TryGetProperty("fallback", out _).ShouldBe(line == "green");
                ids.Add((answer.GetProperty("id").GetString()!, $"minutes 1 champion {answer.GetProperty("score")}"));
            }

            server.Interrupt();
            (await server.ExitAsync()).ShouldBeOneOf(0, 130);
        }

        await source.StopAsync();
        foreach (var (id, expected) in ids)
        {
            var report = (await Cli.DoneAsync(folder.Path, "replay-prediction", id, "--json")).Json;
            report.GetProperty("equal").GetBoolean().ShouldBeTrue($"{expected} {report}");
            var outputs = report.GetProperty("recomputed").GetProperty("outputs").EnumerateArray().Select(o => o.GetDouble()).ToArray();
            $"{report.GetProperty("model").GetString()} {report.GetProperty("version")} {report.GetProperty("role").GetString()} ".ShouldBe(expected[..(expected.LastIndexOf(' ') + 1)]);
            if (expected.Split(' ')[3] is { Length: > 0 } score) outputs.Max().ShouldBe(double.Parse(score, CultureInfo.InvariantCulture));
            if (expected.StartsWith("minutes", StringComparison.Ordinal)) report.GetProperty("lookedUp").GetProperty("crowd").GetDouble().ShouldBe(id == ids[^1].Id ? 0.25 : 0.875);
        }
    }

    private static string Model(string name, string task, string label, string gate, string more) =>
        $"model: {name}\ntask: {task}\ndataset: trains\nlabel: {label}\n{Features}\ntrainer: {{ name: lightgbm, iterations: 8, leaves: 5, min-data-in-leaf: 5 }}\nholdout: 2d\ngate: {{ metric: {gate}, tolerance: 1 }}\n{more}\n";

    private static string Day(TempFolder folder, int day)
    {
        var csv = new StringBuilder("at,delay,line,crowd\n");
        for (var i = 0; i < 120; i++)
        {
            var hour = i % 24;
            csv.Append(CultureInfo.InvariantCulture, $"2024-03-{day:00} {hour:00}:{i % 60:00}:00,{(hour >= 16 ? 5 + (((i * 7) + day) % 30) : ((i * 5) + day) % 14)},{(i % 3) switch { 0 => "red", 1 => "green", _ => "blue" }},{(i * 37 + day) % 100 / 100.0}\n");
        }

        return folder.Write($"drops/2024-03-{day:00}.csv", csv.ToString());
    }

    /// <summary>Knows how crowded the red line is, and of others nothing but errors.</summary>
    private static async Task<WebApplication> SourceAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context =>
        {
            if (context.Request.Path == "/crowds/red") return context.Response.WriteAsync("""{"now":[{"share":0.875}]}""");
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await app.StartAsync();
        return app;
    }
}
