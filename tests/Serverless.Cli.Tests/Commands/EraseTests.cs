namespace Serverless.Cli.Tests.Commands;

public sealed class EraseTests
{
    [Fact]
    public async Task Erase_WithoutADataset_RemovesTheRowsOfEveryDatasetThatHasTheColumn()
    {
        using var folder = await SmallWorkspace.WithDataAsync(days: 2);

        var dry = await Cli.DoneAsync(folder.Path, "erase", "--where", "line = 'red'", "--reason", "ticket 4711", "--dry-run", "--json");
        var run = await Cli.DoneAsync(folder.Path, "erase", "--where", "line = 'red'", "--reason", "ticket 4711");

        dry.Json.GetProperty("erased").GetBoolean().ShouldBeFalse();
        dry.Json.GetProperty("datasets")[0].GetProperty("rows").GetInt64().ShouldBe(160);
        run.Out.ShouldBe("""
            trains, where line = ?: removed:
              160 rows of 2 partitions (2024-03-01 to 2024-03-02)
              the drop 2024-03-01.csv in landing: its other rows are in the partitions
              the drop 2024-03-02.csv in landing: its other rows are in the partitions

            """.ReplaceLineEndings("\n"));
        var history = (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions");
        history.EnumerateArray().Select(p => p.GetProperty("rows").GetInt64()).ShouldBe([160, 160]);
        history[0].GetProperty("erasure").GetString()!.ShouldStartWith("erase-");
        (await Cli.DoneAsync(folder.Path, "runs", "--json")).Out.ShouldNotContain("red", customMessage: "the record does not say who it was");
    }

    [Fact]
    public async Task Erase_AColumnThatNoDatasetHas_SaysSoAndRemovesNothing()
    {
        using var folder = await SmallWorkspace.WithDataAsync(days: 1);

        var run = await Cli.RunAsync(folder.Path, "erase", "--where", "custmer_id = 7", "--reason", "ticket 4711");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("that is no condition over dataset 'trains': there is no column 'custmer_id'.");
        run.Error.ShouldContain("Columns: at, delay, line.");
    }

    [Fact]
    public async Task Replay_AfterTheContractWasMended_SaysWhatCameIn()
    {
        using var folder = SmallWorkspace.Create();
        await Cli.DoneAsync(folder.Path, "ingest", "trains", folder.Day(1, also: "2024-03-01 10:00:00,700,red\n2024-03-01 10:00:00,9000,red\n"));
        var before = await Cli.RunAsync(folder.Path, "replay", "trains");
        folder.Write("datasets/trains.yaml", SmallWorkspace.Dataset.Replace("max: 600", "max: 1000", StringComparison.Ordinal));

        var run = await Cli.RunAsync(folder.Path, "replay", "trains", "--json");

        before.Code.ShouldBe(ExitCode.No);
        before.Out.ShouldStartWith("trains: 0 rows of 2 in quarantine fit the contract now and were stored; 2 stay.\nMend the contract");
        run.Code.ShouldBe(ExitCode.No);
        (run.Json.GetProperty("stored").GetInt64(), run.Json.GetProperty("left").GetInt64()).ShouldBe((1, 1));
    }

    // Ten days are late by minutes; a line that the contract did not foresee goes to quarantine, and is part of what the model learns from once it came back.
    [Fact]
    public async Task Replay_RowsInTheTrainingWindow_AreLearnedFromByTheNextTraining()
    {
        using var folder = SmallWorkspace.Create();
        var black = string.Concat(Enumerable.Range(0, 24).Select(i => $"2024-03-02 {i:00}:30:00,{(i >= 16 ? 700 : -59)},black\n"));
        await Cli.DoneAsync(folder.Path, ["ingest", "trains", folder.Day(1), folder.Day(2, also: black), .. Enumerable.Range(3, 4).Select(d => folder.Day(d))]);
        var before = (await Cli.DoneAsync(folder.Path, "train", "late", "--json")).Json;
        (before.GetProperty("trainRows").GetInt64(), before.GetProperty("holdoutRows").GetInt64()).ShouldBe(((4 * 240) + 16, 2 * 240), "eight rows of line black are in quarantine");

        folder.Write("datasets/trains.yaml", SmallWorkspace.Dataset.Replace("max: 600", "max: 1000", StringComparison.Ordinal));
        var replay = (await Cli.DoneAsync(folder.Path, "replay", "trains", "--json")).Json;
        (replay.GetProperty("stored").GetInt64(), replay.GetProperty("left").GetInt64()).ShouldBe((8, 0));
        var after = (await Cli.DoneAsync(folder.Path, "train", "late", "--json")).Json;

        (after.GetProperty("trainRows").GetInt64(), after.GetProperty("holdoutRows").GetInt64()).ShouldBe(((4 * 240) + 24, 2 * 240));
        var profile = (await Cli.DoneAsync(folder.Path, "profile", folder[".serverless/objects/models/late/2/reference.parquet"], "--json")).Json;
        profile.GetProperty("columns").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "delay").GetProperty("max").GetDouble().ShouldBe(700, "what the version learned from has them");
        var replayed = (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions").EnumerateArray().Where(p => p.GetProperty("rows").GetInt64() == 8).ShouldHaveSingleItem();
        replayed.GetProperty("key").GetString().ShouldBe("2024-03-02");
        (await File.ReadAllTextAsync(folder[".serverless/objects/models/late/2/manifest.json"])).ShouldContain(replayed.GetProperty("id").GetString()!);
        (await File.ReadAllTextAsync(folder[".serverless/objects/models/late/1/manifest.json"])).ShouldNotContain(replayed.GetProperty("id").GetString()!);
    }
}
