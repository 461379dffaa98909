using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Scoring;

namespace Serverless.Web.Tests.Predict;

public sealed class HotSwapTests
{
    [Fact]
    public async Task Promote_UnderConstantLoad_DropsNoRequestAndAnswersFromValidVersions()
    {
        await using var host = await WebHost.StartAsync();
        for (var version = 2; version <= 4; version++) await host.Registry.RegisterAsync(Flights.Candidate("late", version));
        using var stop = new CancellationTokenSource();
        var seen = new ConcurrentDictionary<int, int>();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var (status, body) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""");
                status.ShouldBe(200, body.ToJsonString());
                var prediction = body["predictions"]![0]!;
                var version = prediction["version"]!.GetValue<int>();
                prediction["probability"]!.GetValue<double>().ShouldBe(version / 1000.0, "the answer is wholly of one version");
                seen.AddOrUpdate(version, 1, (_, n) => n + 1);
            }
        })).ToArray();

        for (var swap = 0; swap < 40; swap++)
        {
            var version = swap % 4 + 1 == 1 ? 2 : swap % 4 + 1;
            using var response = await host.Client.PostAsync($"/v1/models/late/versions/{version}/promote", null);
            if (response.IsSuccessStatusCode) (await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""")).Body["predictions"]![0]!["version"]!.GetValue<int>().ShouldBe(version);
            await Task.Delay(10);
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        seen.Keys.ShouldBeSubsetOf([1, 2, 3, 4]);
        seen.Count.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task Promote_ByAnotherProcess_IsNoticed()
    {
        await using var host = await WebHost.StartAsync(services: s => s.AddSingleton(new ModelHostOptions { PollEvery = TimeSpan.FromMilliseconds(50) }));
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await host.Registry.PromoteAsync("late", 2, "elsewhere", "");
        await Eventually.TrueAsync(async () => await VersionAsync(host) == 2, "the alias is polled");
    }

    [Fact]
    public async Task Promote_DamagedVersion_KeepsThePreviousOneAndLogsAnError()
    {
        await using var host = await WebHost.StartAsync(services: s => s.AddSingleton(new ModelHostOptions { PollEvery = TimeSpan.FromHours(1) }));
        (await VersionAsync(host)).ShouldBe(1);
        await PromoteAndDamageAsync(host, 2);
        await host.Get<IModelHost>().RefreshAsync("late");

        (await VersionAsync(host)).ShouldBe(1);
        host.Log.Entries.ShouldContain(e => e.Level == LogLevel.Error && e.Id == 5102 && e.Text.Contains("version 2 cannot be loaded; version 1 answers instead"));
        var shown = await host.GetAsync("/v1/models/late");
        shown["champion"]!.GetValue<int>().ShouldBe(2);
        shown["serving"]!.GetValue<int>().ShouldBe(1);
        shown["problem"]!.GetValue<string>().ShouldContain("version 2 cannot be loaded");
    }

    [Theory, InlineData("model.zip"), InlineData("manifest.json"), InlineData("signature.json")]
    public async Task Start_WithTamperedChampion_AnswersWithTheOneBeforeAndRaisesACriticalSignal(string file)
    {
        using var folder = new Serverless.Testing.TempFolder();
        var store = folder[".serverless"];
        await using (var first = await WebHost.StartAsync(folder: store))
        {
            await first.Registry.RegisterAsync(Flights.Candidate("late", 2));
            await first.Registry.PromoteAsync("late", 2, "test", "");
        }

        var path = Path.Combine(store, "objects", "models", "late", "2", file);
        var content = await File.ReadAllBytesAsync(path);
        content[content.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, content);

        await using var host = await WebHost.StartAsync(folder: store);
        (await VersionAsync(host)).ShouldBe(1);
        var day = DateOnly.FromDateTime(host.Get<TimeProvider>().GetUtcNow().UtcDateTime);
        await Eventually.TrueAsync(async () =>
        {
            await foreach (var signal in host.Get<Serverless.Alerts.ISignals>().ReadAsync(day.AddDays(-1), day.AddDays(1)))
            {
                if (signal is { Bad: true, Subject: "late", Name: "load", Severity: Serverless.Datasets.Severity.Critical } && signal.Message.Contains("version 1 answers instead", StringComparison.Ordinal)) return true;
            }

            return false;
        }, "whoever has to know is told");
    }

    [Fact]
    public async Task Start_WithDamagedChampion_FallsBackToTheChampionBefore()
    {
        using var folder = new Serverless.Testing.TempFolder();
        var store = folder[".serverless"];
        await using (var first = await WebHost.StartAsync(folder: store))
        {
            await PromoteAndDamageAsync(first, 2);
        }

        await using var host = await WebHost.StartAsync(folder: store);
        (await VersionAsync(host)).ShouldBe(1);

        // The version before answers as soon as it is there; that it took its place is logged after.
        await Eventually.TrueAsync(() => Task.FromResult(host.Log.Entries.Any(e => e.Level == LogLevel.Error && e.Id == 5102)), "the damage is logged");
        await Eventually.TrueAsync(async () => (await host.Client.GetAsync("/health/ready")).IsSuccessStatusCode, "the version before answers");
    }

    [Fact]
    public async Task Start_WithOnlyADamagedVersion_Is503AndNotReady()
    {
        await using var host = await WebHost.StartAsync(champions: false);
        await PromoteAndDamageAsync(host, 1);
        var (status, body) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""");
        status.ShouldBe(503);
        body["detail"]!.GetValue<string>().ShouldContain("version 1 cannot be loaded");
        await host.GetAsync("/health/ready", 503);
    }

    private static async Task<int> VersionAsync(WebHost host) =>
        (await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""")).Body["predictions"]![0]!["version"]!.GetValue<int>();

    // While it is being promoted it is still good: a bad one would not become champion.
    private static async Task PromoteAndDamageAsync(WebHost host, int version)
    {
        await host.Registry.RegisterAsync(Flights.Candidate("late", version));
        await host.Registry.PromoteAsync("late", version, "test", "");
        var objects = host.Get<Serverless.Storage.IObjectStore>();
        await objects.PutAsync($"models/late/{version}/model.zip", new MemoryStream([1, 2, 3]));
    }
}
