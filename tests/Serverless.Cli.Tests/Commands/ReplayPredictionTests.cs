using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Runs;
using Serverless.Scoring;

namespace Serverless.Cli.Tests.Commands;

/// <summary>Predictions of every protocol, with values looked up online, by a version that is champion no more and online values that have moved on.</summary>
public sealed class LoggedAnswers : IAsyncLifetime
{
    internal Testing.TempFolder Folder { get; private set; } = null!;

    internal Dictionary<string, string> Ids { get; } = [];

    internal string Log { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Folder = await SmallWorkspace.WithDataAsync();
        Folder.Write("features/line-stats.yaml", LookingModel.View.Replace("ttl: 3d", "ttl: 5200w", StringComparison.Ordinal));
        Folder.Write("models/late.yaml", """
            model: late
            task: regression
            dataset: trains
            label: delay
            features:
              hour: at.Hour
              line: { from: line, encode: category }
              usual: { view: line-stats, column: mean_delay }
            trainer: { name: lightgbm, iterations: 30, leaves: 15, min-data-in-leaf: 5 }
            holdout: 2d
            gate: { metric: rmse, max: 1000, tolerance: 100 }
            predictionLog: durable
            """);
        await Cli.DoneAsync(Folder.Path, "train", "late");
        await Cli.DoneAsync(Folder.Path, "features", "materialise", "line-stats");
        var (server, address) = await CliProcess.ServeAsync(Folder.Path, "serve");
        using (server)
        using (var client = new HttpClient { BaseAddress = address })
        {
            async Task<JsonElement> AskAsync(string path, string body, string type = "application/json")
            {
                using var response = await client.PostAsync(path, new StringContent(body, Encoding.UTF8, type));
                var text = await response.Content.ReadAsStringAsync();
                ((int)response.StatusCode).ShouldBe(200, text);
                using var json = JsonDocument.Parse(text);
                return json.RootElement.Clone();
            }

            Ids["rows"] = (await AskAsync("/v1/models/late/predict", """{"rows":[{"at":"2024-03-10T23:59:00.1234567Z","line":"red"}]}""")).GetProperty("predictions")[0].GetProperty("id").GetString()!;
            Ids["given"] = (await AskAsync("/v1/models/late/predict", """{"rows":[{"at":"2024-03-10T23:59:00Z","line":"red","usual":7.1}]}""")).GetProperty("predictions")[0].GetProperty("id").GetString()!;
            Ids["never"] = (await AskAsync("/v1/models/late/predict", """{"rows":[{"at":"2024-03-10T23:59:00Z","line":"nowhere"}],"explain":true}""")).GetProperty("predictions")[0].GetProperty("id").GetString()!;
            Ids["open-inference"] = (await AskAsync("/v2/models/late/infer",
                """{"inputs":[{"name":"at","shape":[1],"datatype":"BYTES","data":["2024-03-10T18:00:00Z"]},{"name":"line","shape":[1],"datatype":"BYTES","data":["blue"]}]}"""))
                .GetProperty("outputs").EnumerateArray().Single(o => o.GetProperty("name").GetString() == "prediction_id").GetProperty("data")[0].GetString()!;
            Ids["mlflow"] = (await AskAsync("/invocations", "at,line\n2024-03-10 17:30:00,green\n", "text/csv")).GetProperty("ids")[0].GetString()!;
        }

        Ids["cli"] = (await Cli.DoneAsync(Folder.Path, "--json", "predict", "late", "--input", Folder.Write("row.json", """{"at":"2024-03-09T08:00:00Z","line":"red"}"""))).Json.GetProperty("predictions")[0].GetProperty("id").GetString()!;
        await using (var open = OpenWorkspace.At(Folder.Path, Parts.All, new CliConsole { Out = TextWriter.Null, Error = TextWriter.Null, OpenInput = () => Stream.Null, InIsTerminal = false, CurrentFolder = Folder.Path, Variable = _ => null }, false))
        {
            var runs = open.Get<IRunEngine>();
            var run = await runs.DriveAsync(await runs.StartAsync(new ScoreState { Model = "late", By = "test" }));
            run.Status.ShouldBe(RunStatus.Done, run.Reason);
            Ids["batch"] = $"{run.Id}/17";
        }

        // What was looked up then is not what would be looked up now, and another version is champion.
        await Cli.DoneAsync(Folder.Path, "train", "late");
        await Cli.DoneAsync(Folder.Path, "ingest", "trains", Folder.Write("drops/2024-03-11.csv", "at,delay,line\n" + string.Concat(Enumerable.Range(0, 240).Select(i => $"2024-03-11 {i % 24:00}:{i % 60:00}:00,{25 + i % 24},{(i % 3) switch { 0 => "red", 1 => "green", _ => "blue" }}\n"))));
        await Cli.DoneAsync(Folder.Path, "features", "materialise", "line-stats");
        var at = PredictionIds.TimeOf(Ids["rows"])!.Value;
        Log = Path.Combine(Folder.Path, ".serverless", "objects", "predictions", "late", $"date={at:yyyy-MM-dd}", $"hour={at:HH}");
        Directory.Exists(Log).ShouldBeTrue();
    }

    public Task DisposeAsync()
    {
        Folder.Dispose();
        return Task.CompletedTask;
    }
}

public sealed class ReplayPredictionTests(LoggedAnswers logged) : IClassFixture<LoggedAnswers>
{
    private string Folder => logged.Folder.Path;

    [Theory, InlineData("rows"), InlineData("given"), InlineData("never"), InlineData("open-inference"), InlineData("mlflow"), InlineData("cli"), InlineData("batch")]
    public async Task Replay_PredictionOfAnyWay_IsEqualWithTheVersionAndValuesOfThen(string way)
    {
        var report = (await Cli.DoneAsync(Folder, "replay-prediction", logged.Ids[way], "--json")).Json;
        report.GetProperty("equal").GetBoolean().ShouldBeTrue();
        report.GetProperty("version").GetInt32().ShouldBe(1);
        report.GetProperty("differences").GetArrayLength().ShouldBe(0);
        report.GetProperty("recomputed").GetProperty("outputs")[0].GetDouble().ShouldBe(report.GetProperty("recorded").GetProperty("outputs")[0].GetDouble());
        if (way is "rows" or "open-inference" or "mlflow" or "cli") report.GetProperty("lookedUp").GetProperty("usual").GetDouble().ShouldBeInRange(0, 60);
        if (way is "never") report.GetProperty("lookedUp").GetProperty("usual").ValueKind.ShouldBe(JsonValueKind.Null);
        if (way is "given") report.TryGetProperty("lookedUp", out var none).ShouldBe(none.ValueKind == JsonValueKind.Null && none.ValueKind != JsonValueKind.Undefined);
        (await Cli.DoneAsync(Folder, "replay-prediction", logged.Ids[way])).Out.ShouldContain("Equal: the answer is the same, to the last bit.");
    }

    [Fact]
    public async Task Replay_NumberThatIsNotTheRecordedOne_IsNotEqualAndShowsBoth()
    {
        var id = Alter("altered-number", "list_transform(outputs, x -> x + 1e-12) AS outputs");
        var run = await Cli.RunAsync(Folder, "replay-prediction", id, "--json");
        run.Code.ShouldBe(ExitCode.No);
        var difference = run.Json.GetProperty("differences")[0];
        difference.GetProperty("name").GetString().ShouldBe("outputs[0]");
        difference.GetProperty("difference").GetDouble().ShouldBe(1e-12, 1e-13);
        (await Cli.RunAsync(Folder, "replay-prediction", id)).Out.ShouldContain("Not equal");
    }

    [Fact]
    public async Task Replay_VersionThatIsGone_SaysWhatRemains()
    {
        var id = Alter("gone", "CAST(99 AS INTEGER) AS version");
        var run = await Cli.RunAsync(Folder, "replay-prediction", id, "--json");
        run.Code.ShouldBe(ExitCode.No);
        run.Json.GetProperty("impossible").GetString().ShouldBe("version 99 of model 'late' is not stored any more; there are versions 1, 2");
        run.Json.GetProperty("remains")[0].GetString().ShouldBe("the record itself: inputs, outputs, prediction");
        run.Json.GetProperty("recorded").GetProperty("prediction").GetString().ShouldNotBeNullOrEmpty();
        (await Cli.RunAsync(Folder, "replay-prediction", id)).Out.ShouldContain("It cannot be made again: version 99");
    }

    [Fact]
    public async Task Replay_RecordThatWasErased_SaysSo()
    {
        var run = await Cli.RunAsync(Folder, "replay-prediction", Alter("erased", "'{}' AS inputs"), "--json");
        run.Code.ShouldBe(ExitCode.No);
        run.Json.GetProperty("impossible").GetString()!.ShouldContain("the row was erased");
    }

    [Fact]
    public async Task Replay_RecordOfBeforeLookUpsWereRecorded_SaysSoInsteadOfADifference()
    {
        var run = await Cli.RunAsync(Folder, "replay-prediction", Alter("older", "NULL AS looked_up"), "--json");
        run.Code.ShouldBe(ExitCode.No);
        run.Json.GetProperty("impossible").GetString().ShouldBe("the record does not say which values were looked up for usual: it was written before such values were recorded, or they were erased");
    }

    [Theory]
    [InlineData("17", "'17' is no id of a prediction: those have 26 letters and digits")]
    [InlineData("01ke3v6n4qk2m7x0000000001f", "no prediction '01ke3v6n4qk2m7x0000000001f' is in the log. It would be of 2026-01-")]
    [InlineData("score-20260131120000-abc123/17", "there is no run 'score-20260131120000-abc123'")]
    public async Task Replay_IdThatNothingHas_SaysWhat(string id, string message)
    {
        var run = await Cli.RunAsync(Folder, "replay-prediction", id);
        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(message);
    }

    [Theory, InlineData("0", "names no row"), InlineData("999999", "rows; there is no row 999999")]
    public async Task Replay_RowThatABatchDoesNotHave_SaysSo(string row, string message)
    {
        var run = await Cli.RunAsync(Folder, "replay-prediction", logged.Ids["batch"].Split('/')[0] + "/" + row);
        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(message);
    }

    /// <summary>A further file of the log with the record of "rows" under another id, changed.</summary>
    private string Alter(string name, string replaced)
    {
        var id = logged.Ids["rows"] + "-" + name;
        using var duck = new DuckDBConnection("DataSource=:memory:");
        duck.Open();
        using var command = duck.CreateCommand();
        command.CommandText = $"COPY (SELECT * REPLACE ('{id}' AS id, {replaced}) FROM read_parquet('{logged.Log}/*.parquet', union_by_name=true, hive_partitioning=false) WHERE id = '{logged.Ids["rows"]}') TO '{Path.Combine(logged.Log, name + ".parquet")}' (FORMAT parquet)";
        command.ExecuteNonQuery();
        return id;
    }
}
