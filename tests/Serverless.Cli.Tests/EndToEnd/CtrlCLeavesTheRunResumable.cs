namespace Serverless.Cli.Tests.EndToEnd;

public sealed class CtrlCLeavesTheRunResumable
{
    [SkippableFact]
    public async Task Ingest_Interrupted_Exits130AndTheSameCommandGoesOn()
    {
        Skip.If(OperatingSystem.IsWindows(), "signals are sent with kill");
        using var folder = SmallWorkspace.Create();
        foreach (var day in Enumerable.Range(1, 28)) folder.Day(day, 2400);
        var history = folder[".serverless/objects/data/trains/_history"];
        using (var first = CliProcess.Start(folder.Path, "ingest", "trains", "drops/*"))
        {
            await first.UntilAsync(() => Directory.Exists(history) && Directory.EnumerateFiles(history).Any(), "a first drop is stored");
            first.Interrupt();
            (await first.ExitAsync()).ShouldBe(ExitCode.Cancelled, first.Error);
            first.Error.ShouldContain("Cancelled.");
            first.Error.ShouldNotContain("   at ");
        }

        var again = (await Cli.DoneAsync(folder.Path, "ingest", "trains", "drops/*", "--json")).Json.GetProperty("drops").EnumerateArray().ToArray();

        again.Length.ShouldBe(28);

        // Two drops are under way at a time, so the one that was stored first need not be the first of the list.
        again.ShouldContain(drop => drop.GetProperty("status").GetString() == "duplicate", "what was stored before is not stored again");
        var partitions = (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions").EnumerateArray().ToArray();
        partitions.Length.ShouldBe(28);
        partitions.Sum(p => p.GetProperty("rows").GetInt64()).ShouldBe(28 * 2400);
    }

    [Fact]
    public async Task AnyCommand_CancelledBeforeItBegan_Exits130()
    {
        using var folder = SmallWorkspace.Create();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        (await Cli.RunAsync(folder.Path, "", cancelled.Token, "ingest", "trains", folder.Day(1))).Code.ShouldBe(ExitCode.Cancelled);
    }
}
