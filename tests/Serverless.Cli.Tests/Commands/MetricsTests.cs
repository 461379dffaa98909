namespace Serverless.Cli.Tests.Commands;

public sealed class MetricsTests
{
    private const string Rules = "anomalies:\n  - { metric: size, strategy: relative-rate, max: 2.0, severity: error }\n  - { metric: mean(delay), strategy: holt-winters }\n";

    [Fact]
    public async Task Metrics_NewestPointAnomalous_AnswersNoAndShowsWhy()
    {
        using var folder = SmallWorkspace.Create();
        folder.Write("datasets/trains.yaml", SmallWorkspace.Dataset + "\n" + Rules);
        await Cli.DoneAsync(folder.Path, "ingest", "trains", folder.Day(1), folder.Day(2));
        (await Cli.RunAsync(folder.Path, "metrics", "trains")).Code.ShouldBe(ExitCode.Done);

        var ingest = await Cli.DoneAsync(folder.Path, "ingest", "trains", folder.Day(4, 720));
        ingest.Out.ShouldContain("size of 2024-03-04 is 720, expected at most 480 (relative-rate: max 2.0, order 1)");

        var people = await Cli.RunAsync(folder.Path, "metrics", "trains", "size");
        people.Code.ShouldBe(ExitCode.No);
        people.Out.ShouldContain("3 days, 2024-03-01 to 2024-03-04; missing: 2024-03-03");
        people.Out.ShouldContain("  ▁▁█\n    ^\n  2024-03-04 720, expected at most 480 (relative-rate, error)");

        var series = (await Cli.RunAsync(folder.Path, "metrics", "trains", "--json")).Json.GetProperty("series");
        series.EnumerateArray().Select(s => s.GetProperty("metric").GetString()).ShouldBe(["size", "quarantined", "mean(delay)", "completeness(delay)"]);
        var judged = series[0].GetProperty("points")[2].GetProperty("results")[0];
        judged.GetProperty("upper").GetDouble().ShouldBe(480);
        judged.GetProperty("anomalous").GetBoolean().ShouldBeTrue();
        series[2].GetProperty("points")[2].GetProperty("results")[0].GetProperty("notApplicable").GetString().ShouldBe("too little history: two full cycles (14 values) are needed, there are 2");
        series[0].GetProperty("gaps")[0].GetProperty("periods").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Metrics_TryAStrategy_JudgesByIt()
    {
        using var folder = await SmallWorkspace.WithDataAsync(days: 3);

        (await Cli.RunAsync(folder.Path, "metrics", "trains", "size", "--try", "threshold max=100")).Code.ShouldBe(ExitCode.No);
        (await Cli.RunAsync(folder.Path, "metrics", "trains", "size", "--try", "threshold max=300")).Code.ShouldBe(ExitCode.Done);
        (await Cli.RunAsync(folder.Path, "metrics", "trains", "size", "--try", "batch-normal minHistory=2 includeInterval=true", "--search", "2024-03-02..2024-03-03", "--from", "2024-03-02")).Code.ShouldBe(ExitCode.Done);
    }

    [Theory]
    [InlineData("error: dataset 'trains': unknown metric 'sise'. Did you mean 'size'?", "sise")]
    [InlineData("error: strategy 'threshold' has no parameter 'mx'. Did you mean 'max'?", "size", "--try", "threshold mx=1")]
    [InlineData("error: --search belongs to --try: it says which periods the strategy judges together.", "--search", "a..b")]
    public async Task Metrics_SomethingUnknown_SaysWhat(string expected, params string[] arguments)
    {
        using var folder = await SmallWorkspace.WithDataAsync(days: 1);

        var run = await Cli.RunAsync(folder.Path, ["metrics", "trains", .. arguments]);

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(expected);
    }
}
