using Serverless.Testing;

namespace Serverless.Cli.Tests.Commands;

public sealed class RetainTests : IAsyncLifetime
{
    private TempFolder folder = null!;

    private string Objects => Path.Combine(folder.Path, ".serverless", "objects");

    public async Task InitializeAsync()
    {
        folder = await SmallWorkspace.WithDataAsync();
        for (var i = 0; i < 6; i++) await Cli.DoneAsync(folder.Path, "train", "late", "--reason", $"{i}");
    }

    public Task DisposeAsync()
    {
        folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Retain_KeepsChampionWayBackAndWhatPredictionsReferTo()
    {
        // Version 1 answered: its number is in the log. Champions were 1 to 6, so 3 to 5 are the way back, and only 2 may go.
        await LogAsync(1);
        folder.Write("serverless.yaml", "name: trains\nretention: { versions: 1, versionAge: 1s, candidates: 1s }\n");
        await Task.Delay(1100);

        var listed = (await Cli.DoneAsync(folder.Path, "retain", "--json")).Json;
        listed.GetProperty("removed").GetBoolean().ShouldBeFalse();
        Names(listed, "remove", "version").ShouldBe(["2"]);
        Names(listed, "remove", "candidate").Length.ShouldBe(6);
        listed.GetProperty("keep").EnumerateArray().Single(i => i.GetProperty("name").GetString() == "1").GetProperty("reason").GetString().ShouldBe("a prediction of the log refers to it");
        Names(listed, "keep", "version").ShouldBe(["1", "3", "4", "5", "6"]);
        Directory.Exists(Path.Combine(Objects, "models", "late", "2")).ShouldBeTrue(); // a list changes nothing

        // Killed half-way: the record is gone and files are left.
        File.Delete(Path.Combine(Objects, "models", "late", "2", "signature.json"));
        var done = (await Cli.DoneAsync(folder.Path, "retain", "--yes", "--comment", "clean-up", "--json")).Json;
        Names(done, "remove", "version").ShouldBe(["2"]);
        Directory.GetFiles(Path.Combine(Objects, "models", "late"), "*", SearchOption.AllDirectories).ShouldNotContain(f => f.Contains($"{Path.DirectorySeparatorChar}2{Path.DirectorySeparatorChar}"));
        var shown = (await Cli.DoneAsync(folder.Path, "models", "show", "late", "--json")).Json.GetProperty("models")[0];
        shown.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("version").GetInt32()).ShouldBe([1, 3, 4, 5, 6]);
        shown.GetProperty("audit").EnumerateArray().Single(a => a.GetProperty("action").GetString() == "removed").GetProperty("comment").GetString()!.ShouldStartWith("clean-up (older than");
        Directory.GetFiles(Path.Combine(Objects, "runs", "retention")).ShouldHaveSingleItem();

        // What a killed one leaves, the next finds.
        Directory.CreateDirectory(Path.Combine(Objects, "models", "late", "2"));
        await File.WriteAllTextAsync(Path.Combine(Objects, "models", "late", "2", "model.zip"), "rest");
        Names((await Cli.DoneAsync(folder.Path, "retain", "--yes", "--json")).Json, "remove", "leftover").ShouldBe(["2"]);
        (await Cli.DoneAsync(folder.Path, "retain", "--json")).Json.GetProperty("remove").GetArrayLength().ShouldBe(0);
        await Cli.DoneAsync(folder.Path, "models", "verify");
        (await Cli.DoneAsync(folder.Path, "models", "rollback", "late", "--comment", "x")).Out.ShouldContain("version 5");
        (await Cli.DoneAsync(folder.Path, "train", "late", "--json")).Json.GetProperty("version").GetInt32().ShouldBe(7);
    }

    [Fact]
    public async Task Retain_LogThatCannotBeRead_KeepsEveryVersion()
    {
        Directory.CreateDirectory(Path.Combine(Objects, "predictions", "late", "date=2024-03-11", "hour=00"));
        await File.WriteAllTextAsync(Path.Combine(Objects, "predictions", "late", "date=2024-03-11", "hour=00", "x.parquet"), "no parquet");
        folder.Write("serverless.yaml", "name: trains\nretention: { versions: 1, versionAge: 1s }\n");
        await Task.Delay(1100);
        var listed = (await Cli.DoneAsync(folder.Path, "retain", "--json")).Json;
        Names(listed, "remove", "version").ShouldBeEmpty();
        // Once those days may go themselves, nothing refers to anything any more.
        folder.Write("serverless.yaml", "name: trains\nretention: { versions: 1, versionAge: 1s, predictions: 30d }\n");
        Names((await Cli.DoneAsync(folder.Path, "retain", "--json")).Json, "remove", "version").ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task Retain_SupersededPartition_GoesOnlyWhenNoVersionLearnedFromIt()
    {
        var before = Directory.GetFiles(Path.Combine(Objects, "data"), "*.parquet", SearchOption.AllDirectories);
        folder.Write("drops/2024-03-01.csv", (await File.ReadAllTextAsync(Path.Combine(folder.Path, "drops", "2024-03-01.csv"))).Replace(",red", ",green", StringComparison.Ordinal));
        await Cli.DoneAsync(folder.Path, "ingest", "trains", Path.Combine(folder.Path, "drops", "2024-03-01.csv"));
        folder.Write("serverless.yaml", "name: trains\nretention: { superseded: 1s }\n");
        await Task.Delay(1100);
        var kept = (await Cli.DoneAsync(folder.Path, "retain", "--json")).Json;
        Names(kept, "remove", "partition").ShouldBeEmpty();
        Names(kept, "keep", "partition").ShouldHaveSingleItem();

        // A second correction: nobody learned from the first.
        folder.Write("drops/2024-03-01.csv", (await File.ReadAllTextAsync(Path.Combine(folder.Path, "drops", "2024-03-01.csv"))).Replace(",blue", ",green", StringComparison.Ordinal));
        await Cli.DoneAsync(folder.Path, "ingest", "trains", Path.Combine(folder.Path, "drops", "2024-03-01.csv"));
        await Task.Delay(1100);
        Names((await Cli.DoneAsync(folder.Path, "retain", "--yes", "--json")).Json, "remove", "partition").ShouldHaveSingleItem();
        Directory.GetFiles(Path.Combine(Objects, "data"), "*.parquet", SearchOption.AllDirectories).Length.ShouldBe(before.Length + 1);
        await Cli.DoneAsync(folder.Path, "train", "late");
    }

    private static string[] Names(System.Text.Json.JsonElement plan, string list, string kind) =>
        [.. plan.GetProperty(list).EnumerateArray().Where(i => i.GetProperty("kind").GetString() == kind).Select(i => i.GetProperty("name").GetString()!).Order(StringComparer.Ordinal)];

    // The log as the server writes it, by DuckDB: retention reads the column 'version'.
    private async Task LogAsync(int version)
    {
        var path = Path.Combine(Objects, "predictions", "late", $"date={DateTime.UtcNow:yyyy-MM-dd}", "hour=00");
        Directory.CreateDirectory(path);
        await using var connection = new DuckDB.NET.Data.DuckDBConnection("DataSource=:memory:");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"COPY (SELECT 'x' AS id, {version}::INTEGER AS version) TO '{Path.Combine(path, "a.parquet")}' (FORMAT parquet)";
        await command.ExecuteNonQueryAsync();
    }
}
