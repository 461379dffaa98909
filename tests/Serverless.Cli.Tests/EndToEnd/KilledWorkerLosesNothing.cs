namespace Serverless.Cli.Tests.EndToEnd;

public sealed class KilledWorkerLosesNothing
{
    private const int Days = 24;

    [SkippableFact]
    public async Task Up_TwoProcessesOfWhichOneIsKilled_IngestEveryDropOnce()
    {
        Skip.If(OperatingSystem.IsWindows(), "processes are killed with kill");
        using var folder = SmallWorkspace.Create();
        foreach (var day in Enumerable.Range(1, Days)) folder.Day(day);
        var landing = Directory.CreateDirectory(folder[".serverless/objects/landing/trains"]).FullName;
        var (victim, _) = await CliProcess.ServeAsync(folder.Path, "up");
        var (survivor, _) = await CliProcess.ServeAsync(folder.Path, "up");
        using (victim)
        using (survivor)
        {
            foreach (var drop in Directory.EnumerateFiles(folder["drops"]))
            {
                // As a careful sender does: under another name first, then moved, so that it is there at once and whole.
                var part = folder["part-" + Path.GetFileName(drop)];
                File.Copy(drop, part);
                File.Move(part, Path.Combine(landing, Path.GetFileName(drop)));
            }

            await Eventually.TrueAsync(async () => await PartitionsAsync(folder) >= 2, () => victim.Error + survivor.Error);
            victim.Kill();
            await Eventually.TrueAsync(async () => await PartitionsAsync(folder) >= Days, () => survivor.Error);
            survivor.Interrupt();
            (await survivor.ExitAsync()).ShouldBe(ExitCode.Done, survivor.Error);
        }

        var partitions = (await Cli.DoneAsync(folder.Path, "history", "trains", "--all", "--json")).Json.GetProperty("partitions").EnumerateArray().ToArray();
        partitions.Select(p => p.GetProperty("key").GetString()).ShouldBe(Enumerable.Range(1, Days).Select(d => $"2024-03-{d:00}"));
        partitions.Sum(p => p.GetProperty("rows").GetInt64()).ShouldBe(Days * 240);
    }

    private static async Task<int> PartitionsAsync(Testing.TempFolder folder) =>
        (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions").GetArrayLength();
}
