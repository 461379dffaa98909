using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Scoring;
using Serverless.Testing;

namespace Serverless.Web.Tests.Predict;

public sealed class PredictionLogTests
{
    [Fact]
    public async Task Stop_AfterLoad_LosesNothing()
    {
        using var folder = new TempFolder();
        var store = folder[".serverless"];
        var answered = new List<string>();
        await using (var host = await WebHost.StartAsync(folder: store))
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
            {
                for (var i = 0; i < 250; i++)
                {
                    var (_, body) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}},{{Flights.GoodRow}}]}""");
                    lock (answered) answered.AddRange(body["predictions"]!.AsArray().Select(p => p!["id"]!.GetValue<string>()));
                }
            }));
        }

        Recorded(store, "late", "id").Order().ShouldBe(answered.Order());
    }

    [Fact]
    public async Task Parquet_OfAPrediction_HoldsWhatWasAskedAndAnswered()
    {
        await using var host = await WebHost.StartAsync();
        var (_, body) = await host.AskAsync($$"""{"rows":[{"date":"2001-06-30","origin":"Zürich 😀"}],"subject":"alice"}""", "reason");
        await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""", "reason");
        await host.Predictions.FlushAsync();

        var file = Directory.GetFiles(Path.Combine(host.Folder, "objects", "predictions", "reason"), "*.parquet", SearchOption.AllDirectories).ShouldHaveSingleItem();
        file.ShouldMatch(@"predictions/reason/date=\d{4}-\d\d-\d\d/hour=\d\d/\w+-\w+\.parquet$");
        using var duck = new DuckDBConnection("DataSource=:memory:");
        duck.Open();
        using var command = duck.CreateCommand();
        command.CommandText = $"select id, time, model, version, role, subject, inputs, outputs[1], outputs[2], len(outputs), prediction from '{file}' order by id";
        using var reader = command.ExecuteReader();
        reader.Read().ShouldBeTrue();
        reader.GetString(0).ShouldBe(body["predictions"]![0]!["id"]!.GetValue<string>());
        (DateTime.UtcNow - reader.GetDateTime(1)).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
        reader.GetString(2).ShouldBe("reason");
        reader.GetInt32(3).ShouldBe(1);
        reader.GetString(4).ShouldBe("champion");
        reader.GetString(5).ShouldBe("alice");
        reader.GetString(6).ShouldBe("""{"date":"2001-06-30","origin":"Zürich 😀"}""");
        reader.GetDouble(7).ShouldBe(0.999);
        reader.GetDouble(8).ShouldBe(0.001);
        reader.GetInt64(9).ShouldBe(2);
        reader.GetString(10).ShouldBe("weather");
        reader.Read().ShouldBeTrue();
        reader.IsDBNull(5).ShouldBeTrue();
        reader.Read().ShouldBeFalse();
    }

    [SkippableFact]
    public async Task Kill_UnderLoad_LosesAtMostOneSecond()
    {
        Skip.If(OperatingSystem.IsWindows(), "kill -9 is a signal of Unix");
        using var folder = new TempFolder();
        var store = folder[".serverless"];
        using var server = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(Program).Assembly.Location, "serve", store]) { RedirectStandardOutput = true })!;
        var line = await server.StandardOutput.ReadLineAsync();
        using var client = new HttpClient { BaseAddress = new Uri(line!.Split(' ')[1]) };
        var answered = new List<(string Id, long At)>();
        var clock = Stopwatch.StartNew();
        long killedAt = 0;
        var load = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    using var response = await client.PostAsync("/v1/models/late/predict", new StringContent($$"""{"rows":[{{Flights.GoodRow}}]}"""));
                    var body = await response.Content.ReadFromJsonAsync<JsonNode>();
                    answered.Add((body!["predictions"]![0]!["id"]!.GetValue<string>(), clock.ElapsedMilliseconds));
                }
            }
            catch (Exception) when (Volatile.Read(ref killedAt) > 0)
            {
                return;
            }
        });
        await Task.Delay(3500);
        Volatile.Write(ref killedAt, clock.ElapsedMilliseconds);
        server.Kill();
        await server.WaitForExitAsync();
        await load;

        var recorded = Recorded(store, "late", "id").ToHashSet();
        recorded.Count.ShouldBeGreaterThan(0);
        var lost = answered.Where(a => !recorded.Contains(a.Id)).ToArray();
        lost.ShouldAllBe(l => l.At > killedAt - 1000);
        recorded.Except(answered.Select(a => a.Id)).Count().ShouldBeLessThanOrEqualTo(1, "at most the request that was under way");
    }

    [Fact]
    public async Task Append_StoreFull_ServesOnCountsAndReportsOnceAndStoresLater()
    {
        using var folder = new TempFolder();
        var full = new FullDisk();
        await using var host = await WebHost.StartAsync(services: s =>
        {
            s.AddSingleton(new PredictionLogOptions { FlushEvery = TimeSpan.FromMilliseconds(20), MaxWaitingRows = 50 });
            full.Wrap(s);
        });
        full.Full = true;
        for (var i = 0; i < 150; i++) (await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""")).Status.ShouldBe(200);
        await Eventually.TrueAsync(() => Task.FromResult(host.Log.Entries.Any(e => e.Id == 5001)), "it is reported");
        host.Predictions.Dropped.ShouldBeGreaterThan(0);
        host.Log.Entries.Count(e => e.Id == 5001).ShouldBe(1, "once a minute, not at each flush");
        host.Log.Entries.First(e => e.Id == 5001).Level.ShouldBe(LogLevel.Error);

        full.Full = false;
        await host.Predictions.FlushAsync();
        Recorded(host.Folder, "late", "id").Count.ShouldBe(150 - (int)host.Predictions.Dropped);
    }

    internal static List<string> Recorded(string store, string model, string column)
    {
        using var duck = new DuckDBConnection("DataSource=:memory:");
        duck.Open();
        using var command = duck.CreateCommand();
        command.CommandText = $"select {column} from '{store}/objects/predictions/{model}/*/*/*.parquet'";
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read()) values.Add(reader.GetString(0));
        return values;
    }
}
