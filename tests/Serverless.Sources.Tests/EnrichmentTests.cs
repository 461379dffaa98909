using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Enrichment;
using Serverless.Secrets;
using Serverless.Sources.Enrichment;
using Serverless.Sources.Http;

namespace Serverless.Sources.Tests;

/// <summary>Values that a request lacks, from a server that may be well, slow, broken or hung.</summary>
public sealed class EnrichmentTests : IDisposable
{
    private readonly SourceClient client = new();

    public void Dispose() => client.Dispose();

    [Fact]
    public async Task Rows_WithoutTheValue_AreFilledEachAddressAskedOnce()
    {
        await using var server = await TestServer.StartAsync(c => c.Response.WriteAsync($$"""{"current":[{"wind":{{c.Request.Path.Value![^1]}}.5}]}"""));
        var model = Served(Terms(server));
        var request = await AnswerAsync(model, """{"rows":[{"station":"s1"},{"station":"s2"},{"station":"s1"},{"station":"s3","wind":9}]}""");
        Enumerable.Range(0, 4).Select(i => request.Outputs(i)[0]).ShouldBe([1.5, 2.5, 1.5, 9]);
        Encoding.UTF8.GetString(request.LookedUp(0)).ShouldBe("""{"wind":1.5}""");
        request.Fallbacks(0).ShouldBeNull();
        await AnswerAsync(model, """{"rows":[{"station":"s2"}]}""");
        server.Requests.Select(r => r.Path).Order().ShouldBe(["/v1/s1", "/v1/s2"]);
    }

    [Theory]
    [InlineData("500")]
    [InlineData("half")]
    [InlineData("no JSON")]
    [InlineData("other type")]
    [InlineData("elsewhere")]
    [InlineData("404")]
    public async Task Source_GivesNothingUseful_FallbackCountsIsNotedAndCanBeReplayed(string kind)
    {
        await using var server = await TestServer.StartAsync(c => BadAsync(c, kind));
        var model = Served(Terms(server));
        var body = """{"rows":[{"station":"s1"}]}""";
        var request = await AnswerAsync(model, body);
        (request.Errors, request.Outputs(0)[0]).ShouldBe((null, 3.25));
        request.Fallbacks(0).ShouldBe(["wind"]);
        Encoding.UTF8.GetString(request.LookedUp(0)).ShouldBe("""{"wind":3.25,"_fallback":["wind"]}""");

        var row = new RawRow(2);
        RequestReader.ReadRow(request.Sent(0, Encoding.UTF8.GetBytes(body)), request.LookedUp(0), model, row);
        row.Numbers[1].ShouldBe(3.25);
        server.Requests.Count.ShouldBe(kind is "500" or "half" ? 2 : 1); // what may pass is tried again
    }

    [Fact]
    public async Task Source_Hangs_ManyRowsWaitForOneTimeoutTogether()
    {
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(_ => release.Task);
        var model = Served(Terms(server) with { Timeout = TimeSpan.FromMilliseconds(300), Concurrency = 3, Retries = 3 });
        var watch = Stopwatch.StartNew();
        var request = await AnswerAsync(model, $$"""{"rows":[{{string.Join(',', Enumerable.Range(0, 50).Select(i => $"{{\"station\":\"s{i}\"}}"))}}]}""");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5)); // 17 time-outs one after the other would be longer
        Enumerable.Range(0, 50).ShouldAllBe(i => request.Fallbacks(i) != null);
        server.MostAtOnce.ShouldBeLessThanOrEqualTo(3);
        release.SetResult();
    }

    [Fact]
    public async Task Source_KeepsFailing_IsLeftAloneThenTriedOnceAndTakenBack()
    {
        var time = new FakeTimeProvider();
        var well = false;
        await using var server = await TestServer.StartAsync(c => Volatile.Read(ref well) ? c.Response.WriteAsync("""{"current":[{"wind":7}]}""") : BadAsync(c, "500"));
        var terms = Terms(server) with { Retries = 0, Timeout = TimeSpan.FromMinutes(1), Breaker = new BreakerDefinition { Calls = 4, Window = TimeSpan.FromSeconds(30), Pause = TimeSpan.FromSeconds(15) } };
        var model = Served(terms, time);
        for (var i = 0; i < 10; i++) await AnswerAsync(model, """{"rows":[{"station":"s1"}]}""");
        server.Requests.Count.ShouldBe(4);

        time.Advance(TimeSpan.FromSeconds(16));
        for (var i = 0; i < 3; i++) await AnswerAsync(model, """{"rows":[{"station":"s1"}]}""");
        server.Requests.Count.ShouldBe(5); // half open: one try, which failed

        time.Advance(TimeSpan.FromSeconds(16));
        Volatile.Write(ref well, true);
        var request = await AnswerAsync(model, """{"rows":[{"station":"s1"}]}""");
        (request.Outputs(0)[0], server.Requests.Count).ShouldBe((7, 6));

        await AnswerAsync(model, """{"rows":[{"station":"s1"}]}""");
        server.Requests.Count.ShouldBe(6); // known
        time.Advance(terms.Ttl + terms.Timeout + TimeSpan.FromSeconds(1));
        await AnswerAsync(model, """{"rows":[{"station":"s1"}]}""");
        server.Requests.Count.ShouldBe(7); // ran out
    }

    [Fact]
    public async Task Headers_AreSentWithTheirSecretsAndRedirectsNotFollowed()
    {
        await using var server = await TestServer.StartAsync(c =>
        {
            c.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        var terms = Terms(server) with { Headers = new Dictionary<string, SecretText> { ["authorization"] = SecretText.Parse("Bearer env:KEY") } };
        var request = await AnswerAsync(Served(terms), """{"rows":[{"station":"s1"}]}""");
        request.Fallbacks(0).ShouldBe(["wind"]);
        server.Requests.ShouldHaveSingleItem().Headers.Authorization.ToString().ShouldBe("Bearer s3cret");
    }

    [Fact]
    public async Task Keys_OfACaller_StayInTheirSegment()
    {
        await using var server = await TestServer.StartAsync(c => c.Response.WriteAsync("{}"));
        var model = Served(Terms(server));
        await AnswerAsync(model, """{"rows":[{"station":".."},{"station":"."},{"station":""},{"station":null},{}]}""");
        server.Requests.ShouldBeEmpty();
        await AnswerAsync(model, """{"rows":[{"station":"../admin?x=1#y"}]}""");
        server.Requests.ShouldHaveSingleItem().Path.ShouldStartWith("/v1/..%2Fadmin");
    }

    [Fact]
    public async Task RequiredColumn_WithoutValueOrFallback_IsAnErrorThatNamesIt()
    {
        await using var server = await TestServer.StartAsync(c => BadAsync(c, "404"));
        var model = Served(Terms(server) with { Columns = [new EnrichedColumn("wind", "current[0].wind", null, 1, 1)] }, required: true);
        var request = await AnswerAsync(model, """{"rows":[{"station":"s1"}]}""");
        request.Errors!.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Source_SwitchedOff_IsNotAskedAndWhatItSaidDoesNotCount()
    {
        await using var server = await TestServer.StartAsync(c => c.Response.WriteAsync("""{"current":[{"wind":1}]}"""));
        var on = true;
        var model = Served(Terms(server), on: () => on);
        (await AnswerAsync(model, Wanted)).Outputs(0)[0].ShouldBe(1);

        on = false;
        var request = await AnswerAsync(model, Wanted);
        (request.Outputs(0)[0], request.Fallbacks(0)!.Single()).ShouldBe((3.25, "wind"));
        server.Requests.Count.ShouldBe(1);
    }

    private const string Wanted = """{"rows":[{"station":"s1"}]}""";

    private static async Task BadAsync(HttpContext context, string kind)
    {
        switch (kind)
        {
            case "500": context.Response.StatusCode = 500; break;
            case "404": context.Response.StatusCode = 404; break;
            case "half":
                context.Response.ContentLength = 100;
                await context.Response.WriteAsync("{\"current\":");
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case "no JSON": await context.Response.WriteAsync("<html>"); break;
            case "other type": await context.Response.WriteAsync("""{"current":[{"wind":"strong"}]}"""); break;
            default: await context.Response.WriteAsync("""{"current":{"wind":1}}"""); break;
        }
    }

    private static EnrichmentDefinition Terms(TestServer server) => new()
    {
        Url = server.Url + "/v1/{station}", Columns = [new EnrichedColumn("wind", "current[0].wind", "3.25", 1, 1)], Timeout = TimeSpan.FromSeconds(30),
    };

    private ServedModel Served(EnrichmentDefinition terms, TimeProvider? time = null, bool required = false, Func<bool>? on = null)
    {
        var pipeline = new Wind(required);
        var clock = time ?? TimeProvider.System;
        return new ServedModel(pipeline, "champion", []) { Enrichment = new RowEnrichment(new EnrichedValues("wind", terms, new HttpEnrichment(terms, client, new SecretReader([new Keys()]), clock), clock), pipeline.Schema.Inputs, on ?? (() => true)) };
    }

    private static async Task<PredictionRequest> AnswerAsync(ServedModel model, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        model.LooksUp.ShouldBeTrue();
        await model.FetchAsync(bytes, 1000);
        var request = new PredictionRequest();
        RequestReader.Read(bytes, model, request, new RequestLimits());
        return request;
    }

    private sealed class Keys : ISecretStore
    {
        public string Scheme => "env";

        public ValueTask<string?> FindAsync(string name, CancellationToken cancel = default) => new(name == "KEY" ? "s3cret" : null);
    }

    /// <summary>The wind, or -1.</summary>
    private sealed class Wind(bool required) : IScoringPipeline
    {
        public string Model => "wind";

        public int Version => 1;

        public ModelSchema Schema { get; } = new() { Task = TaskKind.Regression, Classes = [], FeatureCount = 1, Inputs = [new RawColumn("station", ColumnType.String, false), new RawColumn("wind", ColumnType.Number, required)] };

        public void Score(RawRow row, Span<float> features, Span<double> outputs) => outputs[0] = row.Present[1] ? row.Numbers[1] : -1;
    }
}
