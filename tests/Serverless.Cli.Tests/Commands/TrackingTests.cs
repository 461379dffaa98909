using System.Text.Json;

namespace Serverless.Cli.Tests.Commands;

/// <summary>Two trainings of one workspace whose model file changed between them, and a refused one.</summary>
public sealed class ChangedModel : IAsyncLifetime
{
    internal Testing.TempFolder Folder { get; private set; } = null!;

    internal string First { get; private set; } = "";

    internal string Second { get; private set; } = "";

    internal string Refused { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Folder = await SmallWorkspace.WithDataAsync();
        First = await TrainAsync();
        Folder.Write("models/late.yaml", SmallWorkspace.Model.Replace("iterations: 10", "iterations: 3", StringComparison.Ordinal) + "\ncost: { falsePositive: 1, falseNegative: 5 }\nmetrics: { missed: \"actual && !prediction ? 30 : 0\" }\n");
        Second = await TrainAsync();
        Folder.Write("models/late.yaml", SmallWorkspace.Model.Replace("min: 0.6", "min: 0.9999", StringComparison.Ordinal));
        Refused = await TrainAsync();
    }

    public Task DisposeAsync()
    {
        Folder.Dispose();
        return Task.CompletedTask;
    }

    private async Task<string> TrainAsync() => (await Cli.RunAsync(Folder.Path, "train", "late", "--json")).Json.GetProperty("run").GetString()!;
}

public sealed class TrackingTests(ChangedModel changed) : IClassFixture<ChangedModel>
{
    private string Folder => changed.Folder.Path;

    [Fact]
    public async Task Reproduce_WorkspaceThatChanged_IsEqual()
    {
        foreach (var run in new[] { changed.First, changed.Second })
        {
            var json = (await Cli.DoneAsync(Folder, "reproduce", run, "--json")).Json;
            json.GetProperty("equal").GetBoolean().ShouldBeTrue();
            json.GetProperty("sha256").GetString().ShouldBe(json.GetProperty("recordedSha256").GetString());
        }
    }

    [Fact]
    public async Task Reproduce_RefusedRun_IsEqualAndRegistersNothing()
    {
        var before = (await Cli.DoneAsync(Folder, "models", "show", "late", "--json")).Json.GetProperty("models")[0].GetProperty("versions").GetArrayLength();
        (await Cli.DoneAsync(Folder, "reproduce", changed.Refused, "--json")).Json.GetProperty("equal").GetBoolean().ShouldBeTrue();
        (await Cli.DoneAsync(Folder, "models", "show", "late", "--json")).Json.GetProperty("models")[0].GetProperty("versions").GetArrayLength().ShouldBe(before);
    }

    [Fact]
    public async Task Reproduce_DamagedRecord_SaysWhatDiffers()
    {
        using var folder = await SmallWorkspace.WithDataAsync();
        var run = (await Cli.DoneAsync(folder.Path, "train", "late", "--json")).Json.GetProperty("run").GetString()!;
        var file = Directory.EnumerateFiles(folder.Path, "definition.json", SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("leaves: 7", "leaves: 4", StringComparison.Ordinal));
        var answer = await Cli.RunAsync(folder.Path, "reproduce", run, "--json");
        answer.Code.ShouldBe(1);
        answer.Json.GetProperty("equal").GetBoolean().ShouldBeFalse();
        answer.Json.GetProperty("differences").EnumerateArray().ShouldContain(d => d.GetProperty("name").GetString() == "sha-256");
        File.Delete(file);
        (await Cli.RunAsync(folder.Path, "reproduce", run)).Out.ShouldContain("did not keep its definition");
    }

    [Fact]
    public async Task Reproduce_ErasedRows_SaysSo()
    {
        using var folder = await SmallWorkspace.WithDataAsync();
        var run = (await Cli.DoneAsync(folder.Path, "train", "late", "--json")).Json.GetProperty("run").GetString()!;
        await Cli.DoneAsync(folder.Path, "erase", "trains", "--where", "line = 'red'", "--reason", "asked for", "--yes");
        var answer = await Cli.RunAsync(folder.Path, "reproduce", run, "--json");
        answer.Code.ShouldBe(1);
        answer.Json.GetProperty("impossible").GetString()!.ShouldContain("rows were erased");
    }

    [Fact]
    public async Task Reproduce_NoTraining_IsAnError()
    {
        var ingest = (await Cli.DoneAsync(Folder, "runs", "--kind", "ingest", "--json")).Json.GetProperty("runs")[0].GetProperty("id").GetString()!;
        var answer = await Cli.RunAsync(Folder, "reproduce", ingest);
        answer.Code.ShouldBe(2);
        answer.Error.ShouldContain("only trainings can be reproduced");
        (await Cli.RunAsync(Folder, "reproduce", "train-20200101000000-nothing")).Error.ShouldContain("there is no run");
    }

    [Fact]
    public async Task Runs_NotesAndTags_AreListedFilteredAndShown()
    {
        await Cli.DoneAsync(Folder, "runs", "note", changed.First, "the first of all");
        await Cli.DoneAsync(Folder, "runs", "tag", changed.First, "season=winter", "reviewed");
        var found = (await Cli.DoneAsync(Folder, "runs", "--tag", "season=winter", "--tag", "reviewed", "--json")).Json.GetProperty("runs");
        found.GetArrayLength().ShouldBe(1);
        found[0].GetProperty("tags").GetProperty("season").GetString().ShouldBe("winter");
        (await Cli.DoneAsync(Folder, "runs", "--tag", "season=summer", "--json")).Json.GetProperty("runs").GetArrayLength().ShouldBe(0);
        var shown = (await Cli.DoneAsync(Folder, "runs", "show", changed.First)).Out;
        shown.ShouldContain("the first of all");
        shown.ShouldContain("season=winter");
        await Cli.DoneAsync(Folder, "runs", "tag", changed.First, "reviewed", "--remove");
        (await Cli.DoneAsync(Folder, "runs", "--tag", "reviewed", "--json")).Json.GetProperty("runs").GetArrayLength().ShouldBe(0);
        (await Cli.RunAsync(Folder, "runs", "tag", changed.First, "=x")).Code.ShouldBe(2);
    }

    [Fact]
    public async Task Runs_SortedByMetric_BestFirstAlsoWhereLessIsBetter()
    {
        double[] Of(JsonElement runs, string metric) => [.. runs.EnumerateArray().Select(r => r.GetProperty("metrics").GetProperty(metric).GetDouble())];
        var auc = Of((await Cli.DoneAsync(Folder, "runs", "late", "--sort", "auc", "--json")).Json.GetProperty("runs"), "auc");
        auc.Length.ShouldBe(3);
        auc.ShouldBe(auc.OrderDescending());
        var brier = Of((await Cli.DoneAsync(Folder, "runs", "late", "--sort", "brier", "--json")).Json.GetProperty("runs"), "brier");
        brier.ShouldBe(brier.Order());
        (await Cli.DoneAsync(Folder, "runs", "--status", "refused", "--json")).Json.GetProperty("runs")[0].GetProperty("id").GetString().ShouldBe(changed.Refused);
        (await Cli.DoneAsync(Folder, "runs", "late", "--since", "2020-01-01", "--state", "done", "--json")).Json.GetProperty("runs").GetArrayLength().ShouldBe(2);
        (await Cli.DoneAsync(Folder, "runs", "--since", "2999-01-01", "--json")).Json.GetProperty("runs").GetArrayLength().ShouldBe(0);
        (await Cli.RunAsync(Folder, "runs", "--since", "yesterday")).Error.ShouldContain("'yesterday' is not a time.");
        (await Cli.RunAsync(Folder, "runs", "--status", "doen")).Error.ShouldContain("Did you mean 'done'?");
    }

    [Fact]
    public async Task Compare_ChangedModelFile_ShowsLinesInputsAndMetrics()
    {
        var json = (await Cli.DoneAsync(Folder, "runs", "compare", changed.First, changed.Second, "--json")).Json;
        var differences = json.GetProperty("differences").EnumerateArray().Select(d => $"{d.GetProperty("area").GetString()} {d.GetProperty("name").GetString()}").ToArray();
        differences.ShouldContain("hyperparameter iterations");
        differences.ShouldContain("code workspace");
        differences.ShouldContain("model threshold");
        differences.ShouldNotContain("data version");
        var lines = json.GetProperty("definition")[0].GetProperty("lines").EnumerateArray().Select(l => l.GetString()).ToArray();
        lines.ShouldContain("- trainer: { name: lightgbm, iterations: 10, leaves: 7 }");
        lines.ShouldContain("+ trainer: { name: lightgbm, iterations: 3, leaves: 7 }");
        var auc = json.GetProperty("metrics").EnumerateArray().Single(m => m.GetProperty("name").GetString() == "auc");
        auc.GetProperty("rightInterval").GetProperty("lower").GetDouble().ShouldBeLessThan(auc.GetProperty("right").GetDouble());
        (await Cli.DoneAsync(Folder, "runs", "compare", changed.First, changed.Second)).Out.ShouldContain("- trainer: { name: lightgbm, iterations: 10, leaves: 7 }");
    }

    [Fact]
    public async Task Train_WithACost_ServesTheChosenThreshold()
    {
        var training = (await Cli.DoneAsync(Folder, "runs", "show", changed.Second, "--json")).Json.GetProperty("training");
        var choice = training.GetProperty("thresholds").GetProperty("choice");
        choice.GetProperty("by").GetString().ShouldBe("slice");
        training.GetProperty("schema").GetProperty("threshold").GetDouble().ShouldBe(choice.GetProperty("threshold").GetDouble());
        training.GetProperty("metrics").GetProperty("candidate").TryGetProperty("missed", out _).ShouldBeTrue();
        training.GetProperty("metrics").GetProperty("candidate").GetProperty("cost").GetDouble().ShouldBe(training.GetProperty("thresholds").GetProperty("cost").GetDouble(), 1e-12);
        var version = (await Cli.DoneAsync(Folder, "models", "show", "late", "2", "--json")).Json.GetProperty("models")[0].GetProperty("versions")[0];
        version.GetProperty("schema").GetProperty("threshold").GetDouble().ShouldBe(choice.GetProperty("threshold").GetDouble());
    }

    [Fact]
    public async Task Artifacts_OfATraining_AreItsFiles() =>
        (await Cli.DoneAsync(Folder, "runs", "artifacts", changed.First, "--json")).Json.GetProperty("artifacts").EnumerateArray().Select(a => a.GetProperty("name").GetString())
            .ShouldBe(["definition.json", "metrics.json", "model.zip", "training.json"], ignoreOrder: true);

    [Fact]
    public async Task Performance_OverTrainings_HasWeeksAndWords()
    {
        var series = (await Cli.DoneAsync(Folder, "models", "performance", "late", "auc", "log-loss", "--json")).Json.GetProperty("series");
        series[0].GetProperty("points").GetArrayLength().ShouldBe(3);
        series[0].GetProperty("weeks").EnumerateArray().Sum(w => w.GetProperty("trainings").GetInt32()).ShouldBe(3);
        series[1].GetProperty("moreIsBetter").GetBoolean().ShouldBeFalse();
        (await Cli.DoneAsync(Folder, "models", "performance", "late")).Out.ShouldContain("auc (more is better), 3 trainings");
        var metrics = (await Cli.DoneAsync(Folder, "metrics", "late", "auc", "--json")).Json;
        metrics.GetProperty("model").GetString().ShouldBe("late");
        var day = metrics.GetProperty("series")[0].GetProperty("points").EnumerateArray().Last();
        day.GetProperty("value").GetDouble().ShouldBe(series[0].GetProperty("points")[2].GetProperty("value").GetDouble());
        day.GetProperty("partition").GetString().ShouldBe(changed.Refused);
        (await Cli.DoneAsync(Folder, "metrics", "late")).Out.ShouldContain("auc");
        (await Cli.RunAsync(Folder, "metrics", "lete")).Error.ShouldContain("'lete' is neither a dataset nor a model of this workspace. Did you mean 'late'?");
        (await Cli.RunAsync(Folder, "models", "performance", "late", "acu")).Error.ShouldContain("Did you mean 'auc'?");
    }
}
