using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;

namespace Serverless.Cli.Tests.Commands;

public sealed class OutlierTests
{
    [Fact]
    public async Task Predict_RowsUnlikeTheTrainingData_FlagsRecordsAndWatchesThem()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model + "\noutliers: { contamination: 0.02, limit: 0.1 }\nmonitor: { window: 30d }\n");
        await Cli.DoneAsync(folder.Path, "train", "late");
        var rows = """[{"at":"2024-03-11T18:00:00Z","line":"red"},{"at":"2024-03-11T18:00:00Z","line":"funicular"}]""";
        var answer = (await Cli.DoneAsync(folder.Path, "predict", "late", "--input", folder.Write("rows.json", rows), "--json")).Json.GetProperty("predictions");
        var (usual, odd) = (answer[0].GetProperty("outlier"), answer[1].GetProperty("outlier"));
        (usual.GetProperty("flagged").GetBoolean(), usual.GetProperty("reasons").GetArrayLength()).ShouldBe((false, 0));
        usual.GetProperty("score").GetDouble().ShouldBeLessThanOrEqualTo(usual.GetProperty("threshold").GetDouble());
        odd.GetProperty("flagged").GetBoolean().ShouldBeTrue();
        odd.GetProperty("reasons").EnumerateArray().Select(r => r.GetString()).ShouldContain("line: 'funicular' was never seen in training");
        (await Cli.DoneAsync(folder.Path, "predict", "late", "--input", folder.Write("rows.json", rows))).Out.ShouldContain("1 row unlike what the version learned from");

        using (var duck = new DuckDBConnection("DataSource=:memory:"))
        {
            duck.Open();
            using var command = duck.CreateCommand();
            command.CommandText = $"SELECT outlier, outlier_reasons FROM read_parquet('{folder.Path}/.serverless/objects/predictions/late/*/*/*.parquet') ORDER BY id LIMIT 2";
            using var reader = command.ExecuteReader();
            reader.Read().ShouldBeTrue();
            (reader.GetDouble(0), reader.IsDBNull(1)).ShouldBe((usual.GetProperty("score").GetDouble(), true));
            reader.Read().ShouldBeTrue();
            JsonSerializer.Deserialize<string[]>(reader.GetString(1))!.ShouldContain("line: 'funicular' was never seen in training");
        }

        await Cli.DoneAsync(folder.Path, "predict", "late", "--input", folder.Write("many.json", "[" + string.Join(",", Enumerable.Repeat("""{"at":"2024-03-11T18:00:00Z","line":"funicular"}""", 60)) + "]"));
        await Cli.DoneAsync(folder.Path, "ingest", "trains", folder.Day(11));
        var report = (await Cli.RunAsync(folder.Path, "drift", "late", "--json")).Json;
        var outliers = report.GetProperty("outliers");
        outliers.GetProperty("flagged").GetInt64().ShouldBe(62);
        outliers.GetProperty("rows").GetInt64().ShouldBe(64);
        outliers.GetProperty("exceeded").GetBoolean().ShouldBeTrue();
        (await Cli.RunAsync(folder.Path, "drift", "late")).Out.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"{62} of 64 predictions given lately are about rows unlike the training data"));
    }

    [Fact]
    public async Task Train_TwiceWithOutliers_GivesTheSameModel()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model + "\noutliers: true\n");
        var run = (await Cli.DoneAsync(folder.Path, "train", "late", "--json")).Json.GetProperty("run").GetString()!;
        (await Cli.DoneAsync(folder.Path, "reproduce", run, "--json")).Json.GetProperty("equal").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Train_OutliersThatAreWrong_SaysEachAtOnce()
    {
        using var folder = SmallWorkspace.Create(SmallWorkspace.Model + "\noutliers: { contamination: 0, trees: 2.5, sample: 1, rar: 1, limit: 0 }\n");
        var run = await Cli.RunAsync(folder.Path, "train", "late");
        run.Code.ShouldBe(ExitCode.Usage);
        foreach (var message in new[]
        {
            "'contamination' must be above 0", "'trees' must be a whole number, not 2.5", "'sample' must be between 8 and 4096, not 1", "unknown key 'rar' in outliers. Did you mean 'rare'?", "'limit' must be above 0", "5 problems",
        }) run.Error.ShouldContain(message);
    }
}
