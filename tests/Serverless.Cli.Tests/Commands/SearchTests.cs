using System.Text.Json;

namespace Serverless.Cli.Tests.Commands;

public sealed class SearchTests
{
    private const string Section = "\nsearch:\n  budget: { trials: 6 }\n  parallel: 2\n  trainers: { lightgbm: { leaves: { min: 2, max: 31, scale: log }, learning-rate: { min: 0.02, max: 0.4, scale: log } }, logistic: }\n";

    [Fact]
    public async Task Search_WithinTheBudget_TrainsTheBestAndAnyNumberOfWorkersFindsTheSame()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model + Section);
        var one = (await Cli.DoneAsync(folder.Path, "search", "late", "--json")).Json;
        one.GetProperty("trials").GetArrayLength().ShouldBe(6);
        one.GetProperty("trials").EnumerateArray().Select(t => t.GetProperty("trainer").GetString()).Distinct().Order().ShouldBe(["lightgbm", "logistic"]);
        one.GetProperty("trials").EnumerateArray().ShouldAllBe(t => t.GetProperty("status").GetString() == "done" && t.GetProperty("metrics").GetProperty("auc").GetDouble() > 0.5);
        var (training, best) = (one.GetProperty("training"), one.GetProperty("best"));
        training.GetProperty("version").GetInt32().ShouldBe(1);
        best.GetProperty("value").GetDouble().ShouldBeGreaterThanOrEqualTo(one.GetProperty("ownValue").GetDouble());

        // What was found is in the training's record, and with it the training can be repeated.
        var record = (await Cli.DoneAsync(folder.Path, "runs", "show", training.GetProperty("run").GetString()!, "--json")).Json;
        var found = record.GetProperty("runs")[0].GetProperty("data").GetProperty("found");
        found.GetProperty("search").GetString().ShouldBe(one.GetProperty("run").GetString());
        found.GetProperty("trial").GetString().ShouldBe(best.GetProperty("run").GetString());
        var winner = one.GetProperty("trials")[best.GetProperty("number").GetInt32() - 1];
        record.GetProperty("training").GetProperty("trainer").GetString().ShouldBe(winner.GetProperty("trainer").GetString());
        foreach (var setting in winner.TryGetProperty("settings", out var settings) ? settings.EnumerateObject().ToArray() : [])
        {
            record.GetProperty("training").GetProperty("lineage").GetProperty("hyperparameters").GetProperty(setting.Name).GetRawText().ShouldBe(setting.Value.GetString());
        }

        (await Cli.DoneAsync(folder.Path, "reproduce", training.GetProperty("run").GetString()!, "--json")).Json.GetProperty("equal").GetBoolean().ShouldBeTrue();

        var two = (await Cli.DoneAsync(folder.Path, "search", "late", "--workers", "3", "--no-train", "--json")).Json;
        Trials(two).ShouldBe(Trials(one));
        two.TryGetProperty("training", out _).ShouldBeFalse();
        var ids = one.GetProperty("trials").EnumerateArray().Select(t => t.GetProperty("run").GetString()!).ToArray();
        var compared = await Cli.DoneAsync(folder.Path, "runs", "compare", ids[0], ids[1]);
        compared.Out.ShouldContain("What went in");
        compared.Out.ShouldContain("learning-rate");

        // MLflow shows the trials, and what was trained of the best, as children of the search.
        await Cli.DoneAsync(folder.Path, "export", "mlflow", folder["out"]);
        foreach (var child in ids.Append(training.GetProperty("run").GetString()!))
        {
            var tag = Directory.EnumerateFiles(folder["out"], "mlflow.parentRunId", SearchOption.AllDirectories).Single(f => f.Contains($"/{child}/", StringComparison.Ordinal));
            (await File.ReadAllTextAsync(tag)).ShouldBe(one.GetProperty("run").GetString());
        }
    }

    // Seattle's weather, 2012 to 2015: what the search chose on the last fifth of 2012 to 2014 is judged on 2015, which no trial saw. The model file's own settings are right on 62.7 % of its days.
    [Fact]
    public async Task Search_RealWeather_IsNoWorseOnTheHoldoutThanTheModelFilesOwnSettings()
    {
        using var folder = new Testing.TempFolder();
        await Cli.DoneAsync(folder.Path, "init", "w", "--sample", "weather");
        var workspace = folder["w"];
        // As one drop: the same partitions, many times faster.
        string[][] drops = [.. Directory.EnumerateFiles(Path.Combine(workspace, "drops"), "*.csv").Order(StringComparer.Ordinal).Select(File.ReadAllLines)];
        await File.WriteAllLinesAsync(folder["all.csv"], drops[0].Take(1).Concat(drops.SelectMany(d => d.Skip(1))));
        await Cli.DoneAsync(workspace, "ingest", "weather", folder["all.csv"]);
        await File.AppendAllTextAsync(Path.Combine(workspace, "models", "weather-kind.yaml"), "\nsearch: { budget: { trials: 12 }, trainers: { lightgbm: { leaves: { min: 3, max: 31, scale: log }, learning-rate: { min: 0.01, max: 0.3, scale: log }, min-data-in-leaf: { min: 5, max: 100, scale: log }, feature-fraction: { min: 0.5, max: 1 } } } }\n");
        var own = (await Cli.DoneAsync(workspace, "train", "weather-kind", "--json")).Json.GetProperty("metrics").GetProperty("accuracy").GetDouble();
        var found = (await Cli.DoneAsync(workspace, "search", "weather-kind", "--json")).Json;
        found.GetProperty("training").GetProperty("metrics").GetProperty("accuracy").GetDouble().ShouldBeGreaterThanOrEqualTo(own);
        found.GetProperty("training").GetProperty("gate").GetProperty("passed").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Search_Detached_IsGoneOnWithByAnother()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model + Section.Replace("trials: 6", "trials: 3", StringComparison.Ordinal));
        (await Cli.RunAsync(folder.Path, "search", "late", "--resume")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(ExitCode.Usage), r => r.Error.ShouldContain("no search of 'late' is under way; start one with 'serverless-ml search late'."));
        var run = (await Cli.DoneAsync(folder.Path, "search", "late", "--detach", "--json")).Json.GetProperty("run").GetString();
        var shown = await Cli.DoneAsync(folder.Path, "search", "late", "--resume");
        shown.Out.ShouldContain($"Search: {run}");
        shown.Out.ShouldContain("the model file's own");
        shown.Out.ShouldContain("3 trials in ");
        shown.Out.ShouldContain("late version 1 is registered, and champion.");
    }

    [Fact]
    public async Task Search_EightyColumns_AreEnough()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model + "\nsearch: { budget: { trials: 3 } }\n");
        using var output = new StringWriter();
        var console = new Terminal.CliConsole { Out = output, Error = TextWriter.Null, OpenInput = () => Stream.Null, CurrentFolder = folder.Path, Variable = _ => null, OutIsTerminal = true, Width = 80 };
        (await CliApp.RunAsync(["search", "late", "--no-train"], console, CancellationToken.None)).ShouldBe(ExitCode.Done);
        var lines = output.ToString().Split('\n').Select(l => l.TrimEnd()).ToArray();
        lines.TakeWhile(l => !l.StartsWith("3 trials", StringComparison.Ordinal)).Max(l => l.Length).ShouldBeLessThanOrEqualTo(80);
        lines.ShouldContain(l => l.Contains("min-data-in-leaf"));
    }

    [Theory]
    [InlineData("", "no search is configured for 'late'; write in models/late.yaml what it may cost, such as 'search: { budget: { trials: 40, minutes: 30 } }'")]
    [InlineData("\nsearch: { budget: { trials: 0 } }\n", "models/late.yaml(11,29): 'trials' must be between 1 and 1000, not 0.")]
    [InlineData("\nsearch: { budget: { minutes: -1 } }\n", "models/late.yaml(11,30): 'minutes' must be above 0 and at most 100000, not -1")]
    public async Task Search_NothingToSpend_SaysSoAndStartsNothing(string section, string expected)
    {
        using var folder = SmallWorkspace.Create(SmallWorkspace.Model + section);
        var refused = await Cli.RunAsync(folder.Path, "search", "late");
        refused.Code.ShouldBe(ExitCode.Usage);
        string.Join(' ', refused.Error.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ShouldContain(expected);
        folder.Write("models/late.yaml", SmallWorkspace.Model);
        (await Cli.DoneAsync(folder.Path, "runs", "--json")).Json.GetProperty("runs").GetArrayLength().ShouldBe(0);
    }

    /// <summary>What must not depend on who made the trials, as text.</summary>
    internal static string Trials(JsonElement search) => string.Join('\n', search.GetProperty("trials").EnumerateArray().Select(t =>
        string.Join(' ', new[] { "number", "own", "from", "rung", "trainer", "settings", "value", "metrics", "status" }.Select(n => t.TryGetProperty(n, out var value) ? JsonSerializer.Serialize(value) : ""))));
}
