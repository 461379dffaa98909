namespace Serverless.Cli.Tests.EndToEnd;

public sealed class ReplayedDropStoresNothingTwice
{
    [Fact]
    public async Task Ingest_TheSameBytesAgainUnderAnyName_ChangesNothing()
    {
        using var folder = SmallWorkspace.Create();
        var drop = folder.Day(1);
        await Cli.DoneAsync(folder.Path, "ingest", "trains", drop);
        var before = Stored(folder);
        File.Copy(drop, folder["drops/copy.csv"]);

        foreach (var name in new[] { drop, folder["drops/copy.csv"] })
        {
            var again = (await Cli.DoneAsync(folder.Path, "ingest", "trains", name, "--json")).Json.GetProperty("drops")[0];
            again.GetProperty("status").GetString().ShouldBe("duplicate");
        }

        Stored(folder).ShouldBe(before);
        (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Ingest_ByEightProcessesAtOnce_StoresOnePartition()
    {
        using var folder = SmallWorkspace.Create();
        var drop = folder.Day(1);
        var racers = Enumerable.Range(0, 8).Select(_ => CliProcess.Start(folder.Path, "ingest", "trains", drop, "--json")).ToArray();
        try
        {
            foreach (var racer in racers) (await racer.ExitAsync()).ShouldBe(ExitCode.Done, racer.Error);
        }
        finally
        {
            foreach (var racer in racers) racer.Dispose();
        }

        Stored(folder).Count(f => f.EndsWith(".parquet", StringComparison.Ordinal)).ShouldBe(1);
        var partition = (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions").EnumerateArray().ShouldHaveSingleItem();
        partition.GetProperty("rows").GetInt64().ShouldBe(240);
    }

    private static string[] Stored(Testing.TempFolder folder)
    {
        var data = folder[".serverless/objects/data"];
        return [.. Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(data, f)).Order(StringComparer.Ordinal)];
    }
}
