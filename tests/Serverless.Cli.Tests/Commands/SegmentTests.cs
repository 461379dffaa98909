using System.Text;
using System.Text.Json;

namespace Serverless.Cli.Tests.Commands;

/// <summary>One model, trained as a whole and by line; who answers is seen in version and segment.</summary>
public sealed class SegmentedModel : IAsyncLifetime
{
    public const string Sections = """

        segments:
          default: others
          parts:
            - { name: red, when: line == "red" }
            - { name: late-green, when: line == "green" && at.Hour >= 12 }
        """;

    internal Testing.TempFolder Folder { get; private set; } = null!;

    internal JsonElement Trained { get; private set; }

    public async Task InitializeAsync()
    {
        Folder = await SmallWorkspace.WithDataAsync(Model);
        Trained = (await Cli.DoneAsync(Folder.Path, "train", "late", "--json")).Json;
    }

    // Without the line as a feature: the conditions read it all the same.
    internal static string Model => SmallWorkspace.Model.Replace("  line: { from: line, encode: category }\n", "", StringComparison.Ordinal) + Sections;

    public Task DisposeAsync()
    {
        Folder.Dispose();
        return Task.CompletedTask;
    }
}

public sealed class SegmentTests(SegmentedModel segmented) : IClassFixture<SegmentedModel>
{
    private const string Rows = """[{"at":"2024-03-11T18:00:00Z","line":"red"},{"at":"2024-03-11T18:00:00Z","line":"blue"},{"at":"2024-03-11T18:00:00Z","line":"green"},{"at":"2024-03-11T08:00:00Z","line":"green"},{"at":"2024-03-11T18:00:00Z","line":"red"}]""";

    private static readonly string[] Expected = ["red", "others", "late-green", "others", "red"];

    private string Folder => segmented.Folder.Path;

    [Fact]
    public void Train_ModelWithSegments_TrainsEachOnItsSlice()
    {
        var parts = segmented.Trained.GetProperty("segments").EnumerateArray().ToDictionary(p => p.GetProperty("segment").GetString()!);
        // 10 days of 240 rows, two of them held out: a third are red, a third green, half of those after noon.
        segmented.Trained.GetProperty("trainRows").GetInt32().ShouldBe(8 * 240);
        (parts["red"].GetProperty("trainRows").GetInt32(), parts["red"].GetProperty("holdoutRows").GetInt32()).ShouldBe((8 * 80, 2 * 80));
        parts["late-green"].GetProperty("trainRows").GetInt32().ShouldBe(8 * 40);
        parts["red"].GetProperty("model").GetString().ShouldBe("late--red");
        parts["red"].GetProperty("gate").GetProperty("passed").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Predict_RowsOfSeveralSegments_AreAnsweredByTheirOwnVersionsAndReplayed()
    {
        var answers = (await Cli.DoneAsync(Folder, "predict", "late", "--input", segmented.Folder.Write("rows.json", Rows), "--json")).Json.GetProperty("predictions").EnumerateArray().ToArray();
        answers.Select(a => a.GetProperty("segment").GetString()).ShouldBe(Expected);
        answers[0].GetProperty("score").GetDouble().ShouldBe(answers[4].GetProperty("score").GetDouble());
        // As the segment's model answers by itself.
        var alone = (await Cli.DoneAsync(Folder, "predict", "late--red", "--input", segmented.Folder.Write("red.json", """{"at":"2024-03-11T18:00:00Z","line":"red"}"""), "--json")).Json.GetProperty("predictions")[0];
        alone.GetProperty("score").GetDouble().ShouldBe(answers[0].GetProperty("score").GetDouble());
        answers[1].GetProperty("score").GetDouble().ShouldNotBe(answers[0].GetProperty("score").GetDouble());
        foreach (var (answer, segment) in answers.Zip(Expected))
        {
            var replay = (await Cli.DoneAsync(Folder, "replay-prediction", answer.GetProperty("id").GetString()!, "--json")).Json;
            (replay.GetProperty("equal").GetBoolean(), replay.GetProperty("segment").GetString()).ShouldBe((true, segment));
            replay.GetProperty("model").GetString().ShouldBe(segment == "others" ? "late" : $"late--{segment}");
        }
    }

    [Theory]
    [InlineData("""{"at":"2024-03-11T18:00:00Z"}""")]
    [InlineData("""{"at":"2024-03-11T18:00:00Z","line":null}""")]
    public async Task Predict_RowForWhichAConditionHasNoValue_IsAnsweredByTheDefault(string row) =>
        (await Cli.DoneAsync(Folder, "predict", "late", "--input", segmented.Folder.Write("null.json", row), "--json")).Json.GetProperty("predictions")[0].GetProperty("segment").GetString().ShouldBe("others");

    [Fact]
    public async Task Serve_EveryProtocol_AnswersBySegmentAndLoadsWhatIsAsked()
    {
        var (server, address) = await CliProcess.ServeAsync(Folder, "serve");
        using (server)
        using (var client = new HttpClient { BaseAddress = address })
        {
            async Task<JsonElement> AskAsync(string path, string body)
            {
                using var response = await client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
                var text = await response.Content.ReadAsStringAsync();
                ((int)response.StatusCode).ShouldBe(200, text);
                return JsonDocument.Parse(text).RootElement.Clone();
            }

            await Eventually.TrueAsync(async () => (await client.GetAsync("/health/ready")).IsSuccessStatusCode, () => "segments that nobody asked for keep no server from being ready");
            var rows = (await AskAsync("/v1/models/late/predict", $$"""{"rows":{{Rows}}}""")).GetProperty("predictions").EnumerateArray().ToArray();
            rows.Select(a => a.GetProperty("segment").GetString()).ShouldBe(Expected);
            var probabilities = rows.Select(r => r.GetProperty("probability").GetDouble()).ToArray();
            var explained = (await AskAsync("/v1/models/late/predict", $$"""{"rows":{{Rows}},"explain":true}""")).GetProperty("predictions").EnumerateArray().ToArray();
            explained.Select(a => a.GetProperty("segment").GetString()).ShouldBe(Expected);
            explained.Select(r => r.GetProperty("probability").GetDouble()).ShouldBe(probabilities);
            var tensors = await AskAsync("/v2/models/late/infer", """
                {"inputs":[{"name":"at","shape":[5],"datatype":"BYTES","data":["2024-03-11T18:00:00Z","2024-03-11T18:00:00Z","2024-03-11T18:00:00Z","2024-03-11T08:00:00Z","2024-03-11T18:00:00Z"]},
                           {"name":"line","shape":[5],"datatype":"BYTES","data":["red","blue","green","green","red"]}]}
                """);
            tensors.GetProperty("outputs").EnumerateArray().Single(o => o.GetProperty("name").GetString() == "probability").GetProperty("data").EnumerateArray().Select(v => v.GetDouble()).ShouldBe(probabilities);
            var mlflow = await AskAsync("/v1/models/late/invocations", $$"""{"dataframe_records":{{Rows}},"params":{"predict_method":"predict_proba"} }""");
            mlflow.GetProperty("predictions").EnumerateArray().Select(p => p[1].GetDouble()).ShouldBe(probabilities);
        }
    }

    [Fact]
    public async Task Load_SegmentsThatAreWrong_SaysEachAtOnce()
    {
        using var folder = SmallWorkspace.Create(SmallWorkspace.Model + """

            rollout: canary
            segments:
              parts:
                - { name: a, when: colour == "red" }
                - { name: a, when: delay > 1 }
                - { name: c, when: delay + 1 }
                - { name: d }
                - { when: delay > 1, nmae: x }
            """);
        var run = await Cli.RunAsync(folder.Path, "train", "late");
        run.Code.ShouldBe(ExitCode.Usage);
        foreach (var message in new[] { "segments has no 'default'", "segment 'a' is given twice", "segment has no 'when'", "segment has no 'name'", "unknown key 'nmae' in segment. Did you mean 'name'?" }) run.Error.ShouldContain(message);

        folder.Write("models/late.yaml", SmallWorkspace.Model + """

            rollout: canary
            segments:
              default: others
              parts:
                - { name: a, when: colour == "red" }
                - { name: others, when: delay > 1 }
                - { name: c, when: delay + 1 }
            """);
        run = await Cli.RunAsync(folder.Path, "train", "late");
        run.Code.ShouldBe(ExitCode.Usage);
        foreach (var message in new[] { "segment 'others' has the name of the default", "'rollout' and 'segments' do not go together", "colour", "gives a number; a condition gives a boolean" }) run.Error.ShouldContain(message);
    }

    [Fact]
    public async Task Batch_OfTheWhole_IsRefusedInsteadOfAnsweredByTheDefault()
    {
        var run = await Cli.RunAsync(Folder, "drift", "late--red");
        run.Code.ShouldNotBe(ExitCode.Done);
        run.Error.ShouldContain("is a segment of model 'late': data are compared for the model as a whole");
        var rollout = await Cli.RunAsync(Folder, "rollout", "start", "late", "1", "--kind", "shadow");
        rollout.Error.ShouldContain("has segments: a rollout is between two versions");
    }
}
