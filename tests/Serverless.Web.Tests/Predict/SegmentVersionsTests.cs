using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Enrichment;
using Serverless.Segments;
using Serverless.Workspaces;

namespace Serverless.Web.Tests.Predict;

public sealed class SegmentVersionsTests
{
    [Fact]
    public async Task Answer_SegmentWithoutAChampion_IsTheDefaultsUntilItHasOne()
    {
        await using var host = await WebHost.StartAsync(Segmented(512L << 20), services: s => s.AddSingleton(new ModelHostOptions { PollEvery = TimeSpan.FromMilliseconds(50) }));
        (await SegmentsAsync(host)).ShouldBe([("all", 1), ("all", 1), ("all", 1)]);
        await RegisterAsync(host, "near", 7);
        await Eventually.TrueAsync(async () => (await SegmentsAsync(host))[0] == ("near", 1), "the segment is asked again");
        (await SegmentsAsync(host)).ShouldBe([("near", 1), ("all", 1), ("all", 1)]);
        await RegisterAsync(host, "near", 8);
        await Eventually.TrueAsync(async () => (await SegmentsAsync(host))[0] == ("near", 2), "the next champion is taken");
    }

    [Fact]
    public async Task Answer_MoreThanTheMemoryAllows_LetsGoOfTheOneUnusedForLongest()
    {
        await using var host = await WebHost.StartAsync(Segmented(1));
        await RegisterAsync(host, "near", 7);
        await RegisterAsync(host, "far", 9);
        var versions = host.Get<ISegmentVersions>();
        (await AskAsync(host, 10)).ShouldBe("near");
        versions.Loaded().Select(l => l.Model).ShouldBe(["late--near"]);
        versions.Loaded()[0].Bytes.ShouldBeGreaterThan(100);
        (await AskAsync(host, 5000)).ShouldBe("far");
        versions.Loaded().Select(l => l.Model).ShouldBe(["late--far"]);
        (await AskAsync(host, 10)).ShouldBe("near");
        versions.Loaded().Select(l => l.Model).ShouldBe(["late--near"]);
        host.Log.Entries.Count(e => e.Id == 5113).ShouldBe(2);
    }

    [Fact]
    public async Task Answer_ManyAtOnceInLessMemoryThanOneTakes_IsEachSegmentsOwn()
    {
        await using var host = await WebHost.StartAsync(Segmented(1));
        await RegisterAsync(host, "near", 7);
        await RegisterAsync(host, "far", 9);
        var wrong = 0;
        await Parallel.ForAsync(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var (distance, segment) = (i % 3) switch { 0 => (10, "near"), 1 => (5000, "far"), _ => (500, "all") };
            if (await AskAsync(host, distance) != segment) Interlocked.Increment(ref wrong);
        });
        wrong.ShouldBe(0);
        host.Get<ISegmentVersions>().Loaded().Count.ShouldBeLessThanOrEqualTo(1);
        host.Log.Entries.Count(e => e.Id == 5113).ShouldBeGreaterThan(0, "segments had to go");
        host.Log.Entries.ShouldNotContain(e => e.Id == 5112);
    }

    [Fact]
    public async Task Infer_RowsOfSegments_NamesTheVersionsThatAnswered()
    {
        await using var host = await WebHost.StartAsync(Segmented(512L << 20));
        await RegisterAsync(host, "near", 7);
        await RegisterAsync(host, "near", 8);
        (await InferAsync(host, 10)).ShouldBe(("2", "near"));
        (await InferAsync(host, 10, 20)).ShouldBe(("2", "near"));
        (await InferAsync(host, 500)).ShouldBe(("1", "all"));
        (await InferAsync(host, 500, 10, 20)).ShouldBe(("1,2,2", "all,near,near"));
    }

    [Fact]
    public async Task Invocations_RowsOfSegments_NameTheVersionsThatAnswered()
    {
        await using var host = await WebHost.StartAsync(Segmented(512L << 20));
        await RegisterAsync(host, "near", 7);
        await RegisterAsync(host, "near", 8);
        var one = await PostAsync(host, "/v1/models/late/invocations", $$"""{"instances":[{{Row(10)}},{{Row(20)}}]}""");
        one["version"]!.GetValue<int>().ShouldBe(2);
        one["segments"]!.ToJsonString().ShouldBe("""["near","near"]""");
        var several = await PostAsync(host, "/v1/models/late/invocations", $$"""{"instances":[{{Row(10)}},{{Row(500)}}]}""");
        several["version"].ShouldBeNull();
        several["versions"]!.ToJsonString().ShouldBe("[2,1]");
        several["segments"]!.ToJsonString().ShouldBe("""["near","all"]""");
    }

    [Fact]
    public async Task Answer_SegmentThatIsDamaged_IsTheDefaultsAndIsSaid()
    {
        await using var host = await WebHost.StartAsync(Segmented(512L << 20));
        await RegisterAsync(host, "near", 7);
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "objects", "models", "late--near", "1", "model.zip"), "damaged");
        (await AskAsync(host, 10)).ShouldBe("all");
        host.Log.Entries.ShouldContain(e => e.Id == 5112 && e.Level == LogLevel.Error);
        (await AskAsync(host, 10)).ShouldBe("all");
        host.Log.Entries.Count(e => e.Id == 5112).ShouldBe(1, "it is left alone for a while");
    }

    [Fact]
    public async Task Answer_EnrichedModel_AsksTheSourceForTheRowsOfEverySegment()
    {
        var source = new Origins();
        var enrich = new EnrichmentDefinition { Url = "http://127.0.0.1:9/{distance}", Columns = [new EnrichedColumn("origin", "origin", "XXX", 1, 1)] };
        await using var host = await WebHost.StartAsync(Segmented(512L << 20, enrich), services: s => s.AddSingleton<IEnrichmentSources>(source));
        await RegisterAsync(host, "near", 7);
        await RegisterAsync(host, "far", 9);
        var (status, body) = await host.AskAsync("""{"rows":[{"date":"2001-06-30","distance":10},{"date":"2001-06-30","distance":500},{"date":"2001-06-30","distance":5000}]}""");
        status.ShouldBe(200, body.ToJsonString());
        body["predictions"]!.AsArray().Select(p => (p!["segment"]!.GetValue<string>(), p["fallback"] is null)).ShouldBe([("near", true), ("all", true), ("far", true)]);
        source.Asked.Order().ShouldBe(["http://127.0.0.1:9/10", "http://127.0.0.1:9/500", "http://127.0.0.1:9/5000"]);
    }

    private sealed class Origins : IEnrichmentSources, IEnrichmentSource
    {
        public ConcurrentBag<string> Asked { get; } = [];

        public IEnrichmentSource Open(EnrichmentDefinition terms) => this;

        public Task<IReadOnlyDictionary<string, byte[]>> ReadAsync(string url, CancellationToken cancel)
        {
            Asked.Add(url);
            return Task.FromResult<IReadOnlyDictionary<string, byte[]>>(new Dictionary<string, byte[]> { ["origin"] = "\"ATL\""u8.ToArray() });
        }
    }

    [Fact]
    public async Task Answer_ConditionOnAValueOfTheWrongType_SaysWhatIsWrongAsEver()
    {
        await using var host = await WebHost.StartAsync(Segmented(512L << 20));
        var (status, body) = await host.AskAsync("""{"rows":[{"date":"2001-06-30","origin":"ATL","distance":"far"}]}""");
        status.ShouldBe(400);
        body["errors"]!["rows[0].distance"]![0]!.GetValue<string>().ShouldBe("expected a number, got a string");
    }

    private static async Task<List<(string, int)>> SegmentsAsync(WebHost host)
    {
        var (status, body) = await host.AskAsync($$"""{"rows":[{{Row(10)}},{{Row(500)}},{{Row(5000)}}]}""");
        status.ShouldBe(200);
        return [.. body["predictions"]!.AsArray().Select(p => (p!["segment"]!.GetValue<string>(), p["version"]!.GetValue<int>()))];
    }

    private static async Task<string> AskAsync(WebHost host, int distance) => (await host.AskAsync($$"""{"rows":[{{Row(distance)}}]}""")).Body["predictions"]![0]!["segment"]!.GetValue<string>();

    private static async Task<(string, string)> InferAsync(WebHost host, params int[] distances)
    {
        string Tensor(string name, string type, IEnumerable<string> data) => $$"""{"name":"{{name}}","shape":[{{distances.Length}},1],"datatype":"{{type}}","data":[{{string.Join(',', data)}}]}""";
        var body = await PostAsync(host, "/v2/models/late/infer",
            $$"""{"inputs":[{{Tensor("date", "BYTES", distances.Select(_ => "\"2001-06-30\""))}},{{Tensor("origin", "BYTES", distances.Select(_ => "\"ATL\""))}},{{Tensor("distance", "FP64", distances.Select(d => $"{d}"))}}]}""");
        return (body["model_version"]!.GetValue<string>(), body["parameters"]!["segment"]!.GetValue<string>());
    }

    private static async Task<JsonNode> PostAsync(WebHost host, string address, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync(address, content);
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(200, text);
        return JsonNode.Parse(text)!;
    }

    private static string Row(int distance) => $$"""{"date":"2001-06-30","origin":"ATL","distance":{{distance}}}""";

    private static async Task RegisterAsync(WebHost host, string segment, int answer)
    {
        var version = await host.Registry.RegisterAsync(Flights.Candidate("late", answer) with { Model = $"late--{segment}" });
        await host.Registry.PromoteAsync(version.Model, version.Version, "test", "");
    }

    private static Workspace Segmented(long memory, EnrichmentDefinition? enrich = null)
    {
        var workspace = Flights.Workspace();
        SegmentPart[] parts = [new("near", new("distance < 100")), new("far", new("distance > 1000"))];
        var late = workspace.Models["late"] with { Enrich = enrich, Segments = new SegmentsDefinition { Default = "all", Parts = parts, Memory = memory } };
        var models = workspace.Models.Values.Where(m => m.Name != "late").Append(late)
            .Concat(parts.Select((p, i) => late with { Name = $"late--{p.Name}", Segments = null, Segment = new SegmentOf("late", p, [.. parts.Take(i)]) }));
        return workspace with { Models = models.ToDictionary(m => m.Name) };
    }
}
