using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Serverless.Cli.Tests.Commands;

/// <summary>One workspace, trained twice, that the tests of this class read.</summary>
public sealed class TrainedTrains : IAsyncLifetime
{
    internal Testing.TempFolder Folder { get; private set; } = null!;

    internal JsonElement First { get; private set; }

    internal JsonElement Second { get; private set; }

    public async Task InitializeAsync()
    {
        Folder = await SmallWorkspace.WithDataAsync();
        First = (await Cli.DoneAsync(Folder.Path, "train", "late", "--json")).Json;
        Second = (await Cli.DoneAsync(Folder.Path, "train", "late", "--json", "--reason", "again")).Json;
    }

    public Task DisposeAsync()
    {
        Folder.Dispose();
        return Task.CompletedTask;
    }
}

public sealed class ModelTests(TrainedTrains trained) : IClassFixture<TrainedTrains>
{
    private string Folder => trained.Folder.Path;

    [Fact]
    public void Train_ThatPasses_AnswersWithRunVersionGateAndMetrics()
    {
        var json = trained.First;
        json.GetProperty("run").GetString()!.ShouldStartWith("train-");
        json.GetProperty("model").GetString().ShouldBe("late");
        json.GetProperty("version").GetInt32().ShouldBe(1);
        json.GetProperty("champion").GetInt32().ShouldBe(1);
        json.GetProperty("gate").GetProperty("passed").GetBoolean().ShouldBeTrue();
        json.GetProperty("gate").GetProperty("reasons").GetArrayLength().ShouldBeGreaterThan(0);
        json.GetProperty("metrics").GetProperty("auc").GetDouble().ShouldBeGreaterThan(0.6);
        json.GetProperty("seconds").GetDouble().ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Train_Again_GivesEqualMetricsToTheLastBit() =>
        trained.Second.GetProperty("metrics").GetRawText().ShouldBe(trained.First.GetProperty("metrics").GetRawText());

    [Theory, InlineData(0.5), InlineData(0.999)]
    public async Task Predict_GzipThatWasCutOff_SaysSoAndPredictsNothing(double kept)
    {
        var lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(i => $$"""{"at":"2024-03-11T{{i % 24:00}}:00:00Z","line":"{{(i * 7919) % 1000}}"}""" + "\n")));
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(lines);
        var (whole, cut) = (Path.Combine(Folder, "rows.jsonl.gz"), Path.Combine(Folder, "cut.jsonl.gz"));
        await File.WriteAllBytesAsync(whole, packed.ToArray());
        await File.WriteAllBytesAsync(cut, packed.ToArray()[..(int)(packed.Length * kept)]);

        (await Cli.DoneAsync(Folder, "predict", "late", "--input", whole, "--json")).Json.GetProperty("predictions").GetArrayLength().ShouldBe(2000);
        var refused = await Cli.RunAsync(Folder, "predict", "late", "--input", cut);

        refused.Code.ShouldBe(ExitCode.InputOutput);
        refused.Error.ShouldContain("cut.jsonl.gz' cannot be decompressed: it is no gzip, damaged or cut off. Nothing was predicted; send the file again.");
        refused.Out.ShouldBeEmpty();
    }

    [Fact]
    public async Task Train_ThatFails_SaysWhyOnce()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model.Replace("delay > 10", "delay > 10000", StringComparison.Ordinal));

        var run = await Cli.RunAsync(folder.Path, "train", "late");

        run.Code.ShouldBe(ExitCode.InputOutput);
        run.Error.Trim().Split('\n').ShouldHaveSingleItem().ShouldStartWith("error: training 'late' failed: ");
    }

    [Fact]
    public async Task Runs_OfAModel_ListsNewestFirst()
    {
        var runs = (await Cli.DoneAsync(Folder, "runs", "late", "--json")).Json.GetProperty("runs");

        runs.GetArrayLength().ShouldBe(2);
        runs[0].GetProperty("id").GetString().ShouldBe(trained.Second.GetProperty("run").GetString());
        runs[0].GetProperty("status").GetString().ShouldBe("done");
        (await Cli.DoneAsync(Folder, "runs", "--limit", "3", "--json")).Json.GetProperty("runs").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task RunsShow_ARun_HasItsFiguresAndLineage()
    {
        var run = (await Cli.DoneAsync(Folder, "runs", "show", trained.Second.GetProperty("run").GetString()!, "--json")).Json.GetProperty("runs")[0];

        run.GetProperty("data").GetProperty("reason").GetString().ShouldBe("again");
        run.GetProperty("data").GetProperty("report").GetProperty("metrics").GetProperty("auc").GetDouble().ShouldBeGreaterThan(0.6);
        (await Cli.RunAsync(Folder, "runs", "show", "train-1")).Code.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task RunsCompare_TwoRuns_PutsFiguresSideBySide()
    {
        var json = (await Cli.DoneAsync(Folder, "runs", "compare", trained.First.GetProperty("run").GetString()!, trained.Second.GetProperty("run").GetString()!, "--json")).Json;

        json.GetProperty("runs").GetArrayLength().ShouldBe(2);
        var auc = json.GetProperty("figures").EnumerateArray().Single(f => f.GetProperty("name").GetString() == "metrics.auc");
        auc.GetProperty("difference").GetDouble().ShouldBe(0);
    }

    [Fact]
    public async Task Models_List_ShowsTheChampion()
    {
        var model = (await Cli.DoneAsync(Folder, "models", "--json")).Json.GetProperty("models").EnumerateArray().ShouldHaveSingleItem();

        model.GetProperty("model").GetString().ShouldBe("late");
        model.GetProperty("task").GetString().ShouldBe("binary");
        model.GetProperty("versions").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task ModelsShow_AVersionThatIsNotThere_SaysWhichAre()
    {
        (await Cli.DoneAsync(Folder, "models", "show", "late", "2", "--json")).Json.GetProperty("models")[0].GetProperty("versions")[0].GetProperty("version").GetInt32().ShouldBe(2);

        var run = await Cli.RunAsync(Folder, "models", "show", "late", "9");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldBe("error: model 'late' has no version 9. It has 1 to 2.\n");
    }

    [Theory]
    [InlineData("""{"rows":[{"at":"2024-03-20T20:00:00Z","line":"red"},{"at":"2024-03-20T03:00:00Z","line":"blue"}]}""")]
    [InlineData("""[{"at":"2024-03-20T20:00:00Z","line":"red"},{"at":"2024-03-20T03:00:00Z","line":"blue"}]""")]
    [InlineData("{\"at\":\"2024-03-20T20:00:00Z\",\"line\":\"red\"}\n{\"at\":\"2024-03-20T03:00:00Z\",\"line\":\"blue\"}\n")]
    [InlineData("at,line\n2024-03-20 20:00:00,red\n2024-03-20 03:00:00,blue\n")]
    public async Task Predict_InEveryForm_GivesTheSameAnswers(string input)
    {
        var run = await Cli.RunAsync(Folder, input, CancellationToken.None, "predict", "late", "--input", "-", "--json");

        run.Code.ShouldBe(ExitCode.Done, run.Error);
        run.Json.GetProperty("model").GetString().ShouldBe("late");
        var predictions = run.Json.GetProperty("predictions");
        predictions.GetArrayLength().ShouldBe(2);
        predictions[0].GetProperty("id").GetString()!.Length.ShouldBe(26);
        predictions[0].GetProperty("role").GetString().ShouldBe("champion");
        var (evening, night) = (predictions[0].GetProperty("probability").GetDouble(), predictions[1].GetProperty("probability").GetDouble());
        evening.ShouldBeGreaterThan(night);
        predictions[0].GetProperty("score").GetDouble().ShouldBe(evening);
        Directory.EnumerateFiles(Path.Combine(Folder, ".serverless"), "*.parquet", SearchOption.AllDirectories).ShouldContain(f => f.Contains("predictions", StringComparison.Ordinal));
    }

    // Parquet has types, and columns that the model does not read.
    [Fact]
    public async Task Predict_FromParquet_GivesAnAnswerForEachRow()
    {
        var partition = Directory.EnumerateFiles(Path.Combine(Folder, ".serverless", "objects", "data", "trains", "year=2024"), "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();

        var predictions = (await Cli.DoneAsync(Folder, "predict", "late", "--input", partition, "--json")).Json.GetProperty("predictions");

        predictions.GetArrayLength().ShouldBe(240);
        predictions.EnumerateArray().ShouldAllBe(p => p.GetProperty("probability").GetDouble() >= 0 && p.GetProperty("probability").GetDouble() <= 1);
    }

    [Fact]
    public async Task Predict_FromWhatIsNoParquet_SaysSo()
    {
        trained.Folder.Write("no.parquet", "at,line\n");

        var run = await Cli.RunAsync(Folder, "predict", "late", "--input", "no.parquet");

        run.Code.ShouldBe(ExitCode.InputOutput);
        run.Error.ShouldStartWith("error: no.parquet: the file is not readable as Parquet: ");
    }

    [Theory]
    [InlineData("""[{"at":"2024-03-20T20:00:00Z","line":"red"},{"at":17,"line":"red"}]""", "row 2, at: expected a time")]
    [InlineData("""[{"at":"2024-03-20T20:00:00Z","lime":"red"}]""", "row 1, lime")]
    [InlineData("at,line\n2024-03-20 20:00:00,red\n,blue\n", "row 2, at: ")]
    [InlineData("", "stdin is empty")]
    [InlineData("{\"at\":", "not valid JSON")]
    public async Task Predict_BadRows_NamesRowAndField(string input, string expected)
    {
        var run = await Cli.RunAsync(Folder, input, CancellationToken.None, "predict", "late", "--input", "-");

        run.Code.ShouldBe(ExitCode.InputOutput, run.Error);
        run.Error.ShouldContain(expected);
        run.Error.ShouldNotContain("   at Serverless");
    }

    [Fact]
    public async Task Predict_AMissingFile_SaysSo()
    {
        var run = await Cli.RunAsync(Folder, "predict", "late", "--input", "nope.csv");

        (run.Code, run.Error).ShouldBe((ExitCode.InputOutput, "error: file 'nope.csv' does not exist.\n"));
    }
}
