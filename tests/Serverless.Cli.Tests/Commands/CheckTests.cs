namespace Serverless.Cli.Tests.Commands;

public sealed class CheckTests
{
    [Theory]
    [InlineData("check: completeness, column: delay, min: 0.99", "check: completeness, column: dely, min: 0.99", "datasets/trains.yaml(9,", "'dely'", "Did you mean 'delay'?")]
    [InlineData("check: completeness, column: delay, min: 0.99", "check: completeness, column: delay, min: 0.99, max: 0.5", "datasets/trains.yaml(9,", "min 0.99", "max 0.5")]
    [InlineData("min: -60, max: 600", "min: 600, max: -60", "datasets/trains.yaml(5,", "min", "max")]
    [InlineData("check: completeness, column: delay, min: 0.99", "check: pattern, column: line, pattern: '(a'", "datasets/trains.yaml(9,", "pattern", "(a")]
    [InlineData("check: completeness, column: delay, min: 0.99", "check: sql, query: \"COPY data TO 'out.csv'\", max: 1", "datasets/trains.yaml(9,", "check 'sql'", "SELECT")]
    public async Task AnyCommand_WithChecksThatCannotBe_SaysWhereAndLosesNothing(string right, string wrong, params string[] says)
    {
        using var folder = await SmallWorkspace.WithDataAsync(days: 1);
        var stored = Stored(folder);
        folder.Write("datasets/trains.yaml", SmallWorkspace.Dataset.Replace(right, wrong, StringComparison.Ordinal));

        foreach (var line in new[] { new[] { "ingest", "trains", folder.Day(2) }, ["check", "trains"], ["train", "late"] })
        {
            var run = await Cli.RunAsync(folder.Path, line);
            run.Code.ShouldBe(ExitCode.Usage, string.Join(' ', line) + run.Error);
            foreach (var word in says) run.Error.ShouldContain(word);
            run.Error.ShouldContain("nothing was changed.");
        }

        Stored(folder).ShouldBe(stored);
        folder.Write("datasets/trains.yaml", SmallWorkspace.Dataset);
        (await Cli.DoneAsync(folder.Path, "check", "trains", "--json")).Json.GetProperty("rows").GetInt64().ShouldBe(240);
    }

    /// <summary>Every object of the store, with its length.</summary>
    private static string[] Stored(Testing.TempFolder folder) => [.. Directory.GetFiles(folder[".serverless/objects"], "*", SearchOption.AllDirectories).Select(f => $"{f} {new FileInfo(f).Length}").Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Check_AGoodFile_PassesAndStoresNothing()
    {
        using var folder = SmallWorkspace.Create();

        var json = (await Cli.DoneAsync(folder.Path, "check", folder.Day(1), "--dataset", "trains", "--json")).Json;

        json.GetProperty("status").GetString().ShouldBe("passed");
        json.GetProperty("quarantined").GetInt64().ShouldBe(0);
        var size = json.GetProperty("checks")[0];
        size.GetProperty("check").GetString().ShouldBe("size");
        size.GetProperty("status").GetString().ShouldBe("passed");
        size.GetProperty("value").GetDouble().ShouldBe(240);
        size.GetProperty("expected").GetString().ShouldBe("size >= 10");
        size.GetProperty("severity").GetString().ShouldBe("error");
        (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Check_AnErrorFails_AnswersNo()
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.RunAsync(folder.Path, "check", folder.Day(1, 5), "--dataset", "trains", "--json");

        run.Code.ShouldBe(ExitCode.No);
        run.Json.GetProperty("status").GetString().ShouldBe("failed");
    }

    [Fact]
    public async Task Check_OnlyAWarningFails_AnswersYesAndSaysSo()
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.DoneAsync(folder.Path, "check", folder.Day(1, 24, "2024-03-01 10:00:00,,red\n"), "--dataset", "trains", "--json");

        run.Json.GetProperty("status").GetString().ShouldBe("warning");
    }

    [Fact]
    public async Task Check_AFileWithoutDataset_AsksForIt()
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.RunAsync(folder.Path, "check", folder.Day(1));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("say with --dataset whose contract it should keep. Datasets: trains.");
    }

    [Fact]
    public async Task Check_ADataset_IsTheWholeAndEachOfItsPartitions()
    {
        using var folder = await SmallWorkspace.WithDataAsync(days: 2);

        var all = (await Cli.DoneAsync(folder.Path, "check", "trains", "--json")).Json;
        var one = (await Cli.DoneAsync(folder.Path, "check", "trains", "--date", "2024-03-02", "--json")).Json;
        var none = await Cli.RunAsync(folder.Path, "check", "trains", "--date", "2024-04");

        all.GetProperty("checks").EnumerateArray().Select(c => c.GetProperty("check").GetString()).ShouldBe(["size", "completeness"]);
        all.GetProperty("checks")[0].GetProperty("value").GetDouble().ShouldBe(480);
        all.GetProperty("partitions").EnumerateArray().Select(p => (p.GetProperty("key").GetString(), p.GetProperty("checks")[0].GetProperty("value").GetDouble()))
            .ShouldBe([("2024-03-01", 240), ("2024-03-02", 240)]);
        (all.GetProperty("scans").GetInt32(), all.GetProperty("reread").GetArrayLength()).ShouldBe((0, 0));
        one.GetProperty("checks").EnumerateArray().Select(c => (c.GetProperty("partition").GetString(), c.GetProperty("value").GetDouble())).ShouldBe([("2024-03-02", 240), ("2024-03-02", 1)]);
        none.Code.ShouldBe(ExitCode.InputOutput);
        none.Error.ShouldBe("error: dataset 'trains' has no partition for '2024-04'. It has 2, from 2024-03-01 to 2024-03-02.\n");
    }

    [Fact]
    public async Task Profile_OfAFile_NeedsNoWorkspace()
    {
        using var folder = new Testing.TempFolder();
        folder.Write("x.csv", "a,b\n1,x\n2,x\n,y\n");

        var json = (await Cli.DoneAsync(folder.Path, "profile", "x.csv", "--json")).Json;

        json.GetProperty("rows").GetInt64().ShouldBe(3);
        var a = json.GetProperty("columns")[0];
        (a.GetProperty("name").GetString(), a.GetProperty("nulls").GetInt64(), a.GetProperty("mean").GetDouble()).ShouldBe(("a", 1, 1.5));
        json.GetProperty("columns")[1].GetProperty("top")[0].GetProperty("value").GetString().ShouldBe("x");
    }

    [Fact]
    public async Task Profile_OfADataset_IsOfAllItsPartitions()
    {
        using var folder = await SmallWorkspace.WithDataAsync(days: 2);

        (await Cli.DoneAsync(folder.Path, "profile", "trains", "--json")).Json.GetProperty("rows").GetInt64().ShouldBe(480);
        (await Cli.DoneAsync(folder.Path, "profile", "trains", "--date", "2024-03-01", "--json")).Json.GetProperty("rows").GetInt64().ShouldBe(240);

        var days = (await Cli.DoneAsync(folder.Path, "profile", "trains", "--by", "day", "--json")).Json.GetProperty("periods");
        days.EnumerateArray().Select(d => (d.GetProperty("period").GetString(), d.GetProperty("rows").GetInt64())).ShouldBe([("2024-03-01", 240L), ("2024-03-02", 240L)]);
        var window = (await Cli.DoneAsync(folder.Path, "profile", "trains", "--from", "2024-03-02", "--to", "2024-03-03", "--json")).Json;
        window.GetProperty("rows").GetInt64().ShouldBe(240);
        window.GetProperty("columns")[0].TryGetProperty("state", out _).ShouldBeFalse();
        (await Cli.RunAsync(folder.Path, "profile", "trains", "--from", "2030-01-01")).Error.ShouldContain("has no partition between 2030-01-01 and its end");
        (await Cli.DoneAsync(folder.Path, "profile", "trains")).Out.Split('\n').ShouldAllBe(l => l.Length <= 80);
    }
}
