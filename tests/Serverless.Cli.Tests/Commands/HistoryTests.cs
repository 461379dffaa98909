namespace Serverless.Cli.Tests.Commands;

public sealed class HistoryTests
{
    [Fact]
    public async Task History_AfterACorrection_ShowsTheNewAndStillTheOldAsOfBefore()
    {
        using var folder = SmallWorkspace.Create();
        await Cli.DoneAsync(folder.Path, "ingest", "trains", folder.Day(1, 24));
        await Cli.DoneAsync(folder.Path, "ingest", "trains", folder.Day(1, 48));

        var now = (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions").EnumerateArray().ShouldHaveSingleItem();
        var before = (await Cli.DoneAsync(folder.Path, "history", "trains", "--as-of", "1", "--json")).Json.GetProperty("partitions").EnumerateArray().ShouldHaveSingleItem();
        var all = (await Cli.DoneAsync(folder.Path, "history", "trains", "--all", "--json")).Json.GetProperty("partitions");

        now.GetProperty("rows").GetInt64().ShouldBe(48);
        now.GetProperty("supersedes")[0].GetString().ShouldBe(before.GetProperty("id").GetString());
        before.GetProperty("rows").GetInt64().ShouldBe(24);
        all.GetArrayLength().ShouldBe(2);
        foreach (var field in new[] { "key", "writtenAt", "by", "sha256", "contractVersion" }) now.GetProperty(field).GetString().ShouldNotBeNullOrEmpty(field);
        now.GetProperty("by").GetString()!.ShouldStartWith("cli:");
    }

    [Fact]
    public async Task History_OfAnUnreadableDate_SaysHowToWriteOne()
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.RunAsync(folder.Path, "history", "trains", "--as-of", "yesterday");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("'yesterday' is not a date. Write a day (2026-01-31)");
    }
}
