namespace Serverless.Cli.Tests.Commands;

/// <summary>A view of real drops, put online and listed.</summary>
public sealed class FeaturesTests
{
    private const string View = """
        view: line-stats
        description: How late a line was lately
        owner: operations
        dataset: trains
        keys: [line]
        time: at
        features:
          mean_delay: { aggregate: mean, column: delay, over: 2d }
        """;

    [Fact]
    public async Task Materialise_AViewOfData_IsListedWithItsKeys()
    {
        using var folder = await SmallWorkspace.WithDataAsync(days: 3);
        folder.Write("features/line-stats.yaml", View);
        var before = (await Cli.DoneAsync(folder.Path, "--json", "features")).Json.GetProperty("views")[0];
        before.GetProperty("name").GetString().ShouldBe("line-stats");
        before.TryGetProperty("onlineKeys", out var keys).ShouldBe(keys.ValueKind == System.Text.Json.JsonValueKind.Null);
        before.GetProperty("features")[0].GetProperty("unused").GetBoolean().ShouldBeTrue();

        (await Cli.DoneAsync(folder.Path, "--json", "features", "materialise", "line-stats")).Json.GetProperty("keys").GetInt32().ShouldBe(3);
        (await Cli.DoneAsync(folder.Path, "--json", "features", "line-stats")).Json.GetProperty("views")[0].GetProperty("onlineKeys").GetInt32().ShouldBe(3);
        var text = (await Cli.DoneAsync(folder.Path, "features")).Out;
        text.ShouldContain("mean(delay) over 2d (number); unused");
        text.ShouldContain("owner operations");
    }

    private const string Model = """
        model: late
        task: regression
        dataset: trains
        label: delay
        features:
          usual: { view: line-stats, column: mean_delay }
        trainer: { name: lightgbm, iterations: 30, leaves: 7, min-data-in-leaf: 5 }
        holdout: 2d
        gate: { metric: rmse, max: 100 }
        """;

    [Fact]
    public async Task Predict_RowWithoutTheValueOfAView_AnswersAsWithTheOnlineOne()
    {
        using var folder = await SmallWorkspace.WithDataAsync();
        folder.Write("features/line-stats.yaml", View);
        folder.Write("models/late.yaml", Model);
        await Cli.DoneAsync(folder.Path, "train", "late");
        await Cli.DoneAsync(folder.Path, "features", "materialise", "line-stats");

        // Of the last two days, as the view says: rows of line red of the 9th and 10th, without those of the 9th before the last row's time of day.
        var usual = Rows("red").Where(r => r.At > Rows("red").Max(o => o.At).AddDays(-2)).Average(r => r.Delay);
        var (given, looked) = (await ScoreAsync(folder, $$"""{"at":"2024-03-10T23:59:00Z","line":"red","usual":{{usual.ToString("R", System.Globalization.CultureInfo.InvariantCulture)}}}"""),
            await ScoreAsync(folder, """{"at":"2024-03-10T23:59:00Z","line":"red"}"""));
        looked.ShouldBe(given, 1e-9);
        (await ScoreAsync(folder, """{"at":"2024-03-10T23:59:00Z","line":"red","usual":90}""")).ShouldNotBe(looked);
        (await ScoreAsync(folder, """{"at":"2024-03-10T23:59:00Z","line":"never"}""")).ShouldBe(await ScoreAsync(folder, """{"at":"2024-03-10T23:59:00Z","line":"red","usual":null}"""));

        var view = (await Cli.DoneAsync(folder.Path, "--json", "features", "line-stats")).Json.GetProperty("views")[0];
        var use = view.GetProperty("features")[0].GetProperty("usedBy")[0];
        use.GetProperty("model").GetString().ShouldBe("late");
        use.GetProperty("champion").GetBoolean().ShouldBeTrue();
    }

    private static async Task<double> ScoreAsync(Testing.TempFolder folder, string row) =>
        (await Cli.DoneAsync(folder.Path, "--json", "predict", "late", "--input", folder.Write("row.json", row))).Json.GetProperty("predictions")[0].GetProperty("score").GetDouble();

    // What SmallWorkspace.Day writes.
    private static IEnumerable<(DateTime At, int Delay)> Rows(string line) =>
        from day in Enumerable.Range(1, 10)
        from i in Enumerable.Range(0, 240)
        let hour = i % 24
        where (i % 3) switch { 0 => "red", 1 => "green", _ => "blue" } == line
        select (new DateTime(2024, 3, day, hour, i % 60, 0, DateTimeKind.Utc), hour >= 16 ? 5 + ((i * 7) + day) % 30 : ((i * 5) + day) % 14);

    [Fact]
    public async Task Features_UnknownView_SaysWhichThereAre()
    {
        using var folder = SmallWorkspace.Create();
        folder.Write("features/line-stats.yaml", View);
        var run = await Cli.RunAsync(folder.Path, "features", "line-stat");
        run.Code.ShouldNotBe(0);
        run.Error.ShouldContain("line-stats");
    }
}
