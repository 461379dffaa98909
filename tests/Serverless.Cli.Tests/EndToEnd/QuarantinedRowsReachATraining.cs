using System.Text.Json;
using Serverless.Testing;

namespace Serverless.Cli.Tests.EndToEnd;

public sealed class QuarantinedRowsReachATraining
{
    [Fact]
    public async Task Replay_AfterTheContractWasMended_TheNextTrainingLearnsFromEveryRow()
    {
        const string mended = "max: 600", tooTight = "max: 20";
        using var folder = SmallWorkspace.Create();
        folder.Write("datasets/trains.yaml", SmallWorkspace.Dataset.Replace(mended, tooTight, StringComparison.Ordinal));
        await Cli.DoneAsync(folder.Path, ["ingest", "trains", .. Enumerable.Range(1, 10).Select(d => folder.Day(d))]);
        var (stored, quarantined) = await RowsAsync(folder);
        (stored + quarantined).ShouldBe(2400);
        quarantined.ShouldBeGreaterThan(200);
        var before = await TrainAsync(folder);
        before.Rows.ShouldBe(stored);

        // Still too tight: nothing comes back, and nothing is lost.
        var inVain = await Cli.RunAsync(folder.Path, "replay", "trains", "--json");
        (inVain.Code, inVain.Json.GetProperty("stored").GetInt64(), inVain.Json.GetProperty("left").GetInt64()).ShouldBe((ExitCode.No, 0, quarantined));
        (await RowsAsync(folder)).ShouldBe((stored, quarantined));

        folder.Write("datasets/trains.yaml", SmallWorkspace.Dataset);
        await Cli.DoneAsync(folder.Path, "replay", "trains");
        (await RowsAsync(folder)).ShouldBe((2400, 0));
        var after = await TrainAsync(folder);
        after.Rows.ShouldBe(2400);
        after.Partitions.ShouldBe((await PartitionsAsync(folder)).Select(p => p.GetProperty("id").GetString()!).Order());
        after.Partitions.Length.ShouldBeGreaterThan(before.Partitions.Length);

        // Once is enough.
        await Cli.DoneAsync(folder.Path, "replay", "trains");
        (await RowsAsync(folder)).ShouldBe((2400, 0));
        (await Cli.DoneAsync(folder.Path, "reproduce", before.Run, "--json")).Json.GetProperty("equal").GetBoolean().ShouldBeTrue("what an earlier training saw can still be read");
    }

    private static async Task<IReadOnlyList<JsonElement>> PartitionsAsync(TempFolder folder) =>
        [.. (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions").EnumerateArray()];

    /// <summary>Rows in the dataset, and in quarantine.</summary>
    private static async Task<(long Stored, long Quarantined)> RowsAsync(TempFolder folder) =>
        ((await PartitionsAsync(folder)).Sum(p => p.GetProperty("rows").GetInt64()), (await Cli.RunAsync(folder.Path, "check", "trains", "--json")).Json.GetProperty("quarantined").GetInt64());

    private static async Task<(string Run, long Rows, string[] Partitions)> TrainAsync(TempFolder folder)
    {
        var run = (await Cli.DoneAsync(folder.Path, "train", "late", "--json")).Json.GetProperty("run").GetString()!;
        var training = (await Cli.DoneAsync(folder.Path, "runs", "show", run, "--json")).Json.GetProperty("training");
        return (run, training.GetProperty("trainRows").GetInt64() + training.GetProperty("holdoutRows").GetInt64(),
            [.. training.GetProperty("lineage").GetProperty("partitions").EnumerateArray().Select(p => p.GetString()!).Order()]);
    }
}
