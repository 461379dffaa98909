using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Partitions;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Switches;
using Serverless.Testing;

namespace Serverless.Web.Tests.Predict;

/// <summary>A model of two small trees in LightGBM's format, whose contributions can be computed by hand.</summary>
public sealed class ExplainTests : IAsyncLifetime
{
    // Tree 0: hour <= 12 (60 of 100 rows) gives -1, else +1. Tree 1: distance <= 500, or missing (25 of 100 rows), gives 0.2, else -0.2.
    private const string Text = """
        tree
        version=v4
        num_class=1
        num_tree_per_iteration=1
        label_index=0
        max_feature_idx=2
        objective=binary sigmoid:1
        feature_names=hour distance origin
        feature_infos=[0:23] [0:3000] 0:1
        serverless_slots=n n c2
        tree_sizes=1 1

        Tree=0
        num_leaves=2
        num_cat=0
        split_feature=0
        threshold=12
        decision_type=2
        left_child=-1
        right_child=-2
        leaf_value=-1 1
        leaf_count=60 40
        internal_count=100
        is_linear=0
        shrinkage=1

        Tree=1
        num_leaves=2
        num_cat=0
        split_feature=1
        threshold=500
        decision_type=10
        left_child=-1
        right_child=-2
        leaf_value=0.2 -0.2
        leaf_count=25 75
        internal_count=100
        is_linear=0
        shrinkage=1

        end of trees
        """;

    private const double Baseline = -0.2 - 0.1;

    private WebHost host = null!;

    private readonly SwitchedOff switches = new();

    public async Task InitializeAsync()
    {
        host = await WebHost.StartAsync(services: s => s.AddSingleton<IDataEngine>(new NoEngine()).AddSingleton<ISwitches>(switches));
        var candidate = Flights.Candidate("late", 5);
        using var package = new MemoryStream(candidate.Artefact.ToArray());
        var document = ModelPackage.Read(package, 1).Document with { Predictor = "lightgbm" };
        var version = await host.Registry.RegisterAsync(candidate with { Artefact = ModelPackage.Write(document, new LightGbmPredictor(Text)) });
        await host.Registry.PromoteAsync("late", version.Version, "test", "");
        await host.Get<IModelHost>().RefreshAsync("late");
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Predict_Explain_GivesContributionsThatAddUp()
    {
        var (status, body) = await host.AskAsync("""{"explain":true,"rows":[{"date":"2001-06-30T14:05:00Z","distance":404,"origin":"ATL"},{"date":"2001-06-30T03:05:00Z","origin":"ATL"}]}""");
        status.ShouldBe(200, body.ToJsonString());
        var first = body["predictions"]![0]!;
        first["probability"]!.GetValue<double>().ShouldBe(1 / (1 + Math.Exp(-1.2)), 1e-12);
        var explanation = first["explanation"]!;
        explanation["method"]!.GetValue<string>().ShouldBe("path-dependent");
        explanation["scale"]!.GetValue<string>().ShouldBe("log-odds");
        explanation["baseline"]!.GetValue<double>().ShouldBe(Baseline, 1e-12);
        explanation["score"]!.GetValue<double>().ShouldBe(1.2, 1e-12);
        var contributions = explanation["contributions"]!.AsArray().ToDictionary(c => c!["feature"]!.GetValue<string>(), c => c!["contribution"]!.GetValue<double>());
        contributions["date"].ShouldBe(1.2, 1e-12);
        contributions["distance"].ShouldBe(0.3, 1e-12);
        contributions["origin"].ShouldBe(0);
        explanation["sentence"]!.GetValue<string>().ShouldBe("Because the hour is 14 and the distance is 404 miles, the model raises the probability that delay > 15 from 43% to 77%.");
        var second = body["predictions"]![1]!["explanation"]!;
        second["sentence"]!.GetValue<string>().ShouldBe("Because the hour is 3, the model lowers the probability that delay > 15 from 43% to 31%; working the other way, the distance is missing.");
        second["contributions"]!.AsArray().Single(c => c!["feature"]!.GetValue<string>() == "distance")!["value"].ShouldBeNull();
        body["predictions"]!.AsArray().Select(p => p!["id"]!.GetValue<string>()).ShouldBeUnique();
    }

    [Theory]
    [InlineData("fr-CH, fr;q=0.9, en;q=0.8", null, "Parce que l’heure est 14\u202Fh et que «\u202Fdistance\u202F» vaut 404 miles, le modèle relève de 43\u202F% à 77\u202F% la probabilité que «\u202Fdelay > 15\u202F».")]
    [InlineData("de, *;q=0.5", null, "Because the hour is 14")]
    [InlineData("fr", "en", "Because the hour is 14")]
    [InlineData("en", "FR", "Parce que l’heure")]
    public async Task Predict_Explain_SpeaksTheCallersLanguage(string accept, string? language, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/models/late/predict")
        {
            Content = new StringContent($$"""{"rows":[{{Flights.GoodRow}}],"explain":true,"language":{{(language is null ? "null" : $"\"{language}\"")}}}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("Accept-Language", accept);
        using var response = await host.Client.SendAsync(request);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        body["predictions"]![0]!["explanation"]!["sentence"]!.GetValue<string>().ShouldStartWith(expected);
    }

    [Fact]
    public async Task Predict_ExplainTooManyRowsOrUnknownLanguage_IsRefusedAndNothingIsRecorded()
    {
        var rows = string.Join(',', Enumerable.Repeat(Flights.GoodRow, 201));
        var (status, body) = await host.AskAsync($$"""{"rows":[{{rows}}],"explain":true}""");
        status.ShouldBe(413);
        body["detail"]!.GetValue<string>().ShouldContain("at most 200 rows");
        (status, body) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}],"explain":true,"language":"de"}""");
        status.ShouldBe(400);
        body["errors"]!["language"]![0]!.GetValue<string>().ShouldBe("'de' is not known. Languages: en, fr.");
        (status, body) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}],"explain":true}""", "minutes");
        status.ShouldBe(409);
        body["detail"]!.GetValue<string>().ShouldContain("this version kept none: it was registered before references were kept. Train it again");
        await host.Predictions.FlushAsync();
        Directory.Exists(Path.Combine(host.Folder, "objects", "predictions")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("?curves=501", "curves: expected a whole number from 0 to 500, got '501'.")]
    [InlineData("?curves=x", "curves: expected a whole number from 0 to 500, got 'x'.")]
    [InlineData("?class=rain", "class: curves show it; say also ?curves=20.")]
    public async Task Importance_CurvesThatCannotBeHad_SaysWhy(string query, string detail)
    {
        using var response = await host.Client.GetAsync("/v1/models/late/versions/1/importance" + query);
        ((int)response.StatusCode).ShouldBe(400);
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!.GetValue<string>().ShouldBe(detail);
    }

    [Fact]
    public async Task Predict_ExplanationsSwitchedOff_AreRefusedAndPredictionsGoOn()
    {
        switches.Off = [SwitchedParts.Explanations];
        var (status, body) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}],"explain":true}""");
        status.ShouldBe(503);
        body["detail"]!.GetValue<string>().ShouldBe("The flag 'switch-explanations' is off. Nothing was predicted; leave 'explain' out to have a prediction.");
        (status, _) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""");
        status.ShouldBe(200);
    }

    [Fact]
    public async Task Predict_VersionOfTheQuery_AnswersInsteadOfTheChampion()
    {
        var other = (await host.Registry.RegisterAsync(Flights.Candidate("late", 12))).Version;
        var waiting = (await host.Registry.RegisterAsync(Flights.Candidate("late", 13, needsApproval: true))).Version;
        var champion = (await host.GetAsync("/v1/models/late"))["champion"]!.GetValue<int>();
        champion.ShouldNotBe(other);
        async Task<(int Status, JsonNode Body)> Ask(string query)
        {
            using var response = await host.Client.PostAsync($"/v1/models/late/predict{query}", new StringContent($$"""{"rows":[{{Flights.GoodRow}}]}""", Encoding.UTF8, "application/json"));
            return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
        }

        var (_, asked) = await Ask($"?version={other}");
        (asked["predictions"]![0]!["version"]!.GetValue<int>(), asked["predictions"]![0]!["role"]!.GetValue<string>()).ShouldBe((other, "requested"));
        (await Ask("")).Body["predictions"]![0]!["version"]!.GetValue<int>().ShouldBe(champion);
        (await Ask("?version=x")).Status.ShouldBe(404);
        var (status, waits) = await Ask($"?version={waiting}");
        status.ShouldBe(409);
        waits["detail"]!.GetValue<string>().ShouldContain("waits for approval, so it does not answer");
    }

    [Fact]
    public async Task Importance_VersionWithoutReference_SaysWhatToDo()
    {
        using var response = await host.Client.GetAsync("/v1/models/minutes/versions/1/importance");
        ((int)response.StatusCode).ShouldBe(409);
        (await response.Content.ReadAsStringAsync()).ShouldContain("keeps no reference rows to look at");
        using var unknown = await host.Client.GetAsync("/v1/models/minutes/versions/9/importance");
        ((int)unknown.StatusCode).ShouldBe(404);
    }
}

/// <summary>Nothing here has rows to read.</summary>
file sealed class NoEngine : IDataEngine
{
    public Task<PartitionedDrop> PartitionAsync(string path, string fileName, Datasets.DatasetDefinition dataset, DateTimeOffset arrived, string folder, IProgress<double>? progress = null, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<Inspection> InspectAsync(IReadOnlyList<string> parquetPaths, Datasets.DatasetDefinition dataset, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<long> RowsAsync(IReadOnlyList<string> parquetPaths, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<Profiles.Profile> ProfileAsync(string path, string fileName, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<Datasets.Table> ReadAsync(IReadOnlyList<string> parquetPaths, IReadOnlyList<Datasets.ColumnDefinition> columns, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<Datasets.Table> ReadFileAsync(string path, string fileName, IReadOnlyList<Datasets.RawColumn> columns, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<Datasets.Table> ReadDetectedAsync(string path, string fileName, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task WriteAsync(string path, Datasets.Table table, CancellationToken cancel = default) => throw new NotSupportedException();
}
