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
