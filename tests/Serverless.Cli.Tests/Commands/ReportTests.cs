using System.Text.Json;

namespace Serverless.Cli.Tests.Commands;

public sealed class ReportTests
{
    [Fact]
    public async Task Report_ADatasetWithAHoleAndABadDay_ShowsBoth()
    {
        using var folder = SmallWorkspace.Create();
        string[] files = [.. new[] { 1, 2, 3, 5, 6, 7, 8 }.Select(d => folder.Day(d)), folder.Day(9, rows: 5)];
        await Cli.RunAsync(folder.Path, ["ingest", "trains", .. files]);

        var run = await Cli.DoneAsync(folder.Path, "report", "trains", "--html", "out/trains.html", "--current", "3", "--json");

        run.Json.GetProperty("report").GetString().ShouldBe(folder["out/trains.html"]);
        run.Json.GetProperty("verdict").GetProperty("level").GetString().ShouldBe("bad");
        var page = await File.ReadAllTextAsync(folder["out/trains.html"]);
        var periods = Data(page).GetProperty("calendar").GetProperty("periods").EnumerateArray().Select(p => (p.GetProperty("key").GetString(), p.GetProperty("state").GetString())).ToList();
        periods.Count.ShouldBe(9);
        periods.Where(p => p.Item2 != "good").ShouldBe([("2024-03-04", "missing"), ("2024-03-09", "failed")]);
        Data(page).GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ShouldBe(["at", "delay", "line"], ignoreOrder: true);
        page.ShouldContain("2024-03-07 to 2024-03-09 (485 rows) against 2024-03-03 to 2024-03-06 (720 rows)");
        Directory.GetFiles(folder["out"]).Length.ShouldBe(1, "nothing half written is left");
    }

    [Fact]
    public async Task Report_NoPartitions_SaysWhatToDo()
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.RunAsync(folder.Path, "report", "trains", "--html", "x.html");

        run.Code.ShouldBe(ExitCode.InputOutput);
        run.Error.ShouldContain("dataset 'trains' has no partitions: ingest a drop first (serverless-ml ingest trains FILE).");
        File.Exists(folder["x.html"]).ShouldBeFalse();
    }

    [Fact]
    public async Task Drift_WithAPage_ShowsTheComparedColumnsInTheSameBins()
    {
        using var folder = SmallWorkspace.Create();
        var (reference, current) = (folder.Day(1), folder.Day(2));

        var run = await Cli.RunAsync(folder.Path, "drift", "--reference", reference, "--current", current, "--columns", "delay,line", "--html", "drift.html", "--json");

        run.Json.GetProperty("columns").GetArrayLength().ShouldBe(2, "stdout stays one JSON document");
        var columns = Data(await File.ReadAllTextAsync(folder["drift.html"])).GetProperty("columns").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        columns.Keys.ShouldBe(["delay", "line"], ignoreOrder: true);
        var line = columns["line"].GetProperty("distribution");
        line.GetProperty("labels").EnumerateArray().Select(l => l.GetString()).ShouldBe(["blue", "green", "red"]);
        line.GetProperty("reference").EnumerateArray().Sum(v => v.GetDouble()).ShouldBe(1, 1e-12);
        columns["delay"].GetProperty("distribution").GetProperty("current").GetArrayLength().ShouldBe(columns["delay"].GetProperty("distribution").GetProperty("reference").GetArrayLength());
    }

    [Fact]
    public async Task Drift_OfADatasetAndOfAModel_WithAPage_ShowsWhatWasCompared()
    {
        using var folder = await SmallWorkspace.WithDataAsync();
        await Cli.DoneAsync(folder.Path, "train", "late");

        await Cli.RunAsync(folder.Path, "drift", "trains", "--window", "3d", "--html", "trains.html");
        await Cli.RunAsync(folder.Path, "drift", "late", "--html", "late.html");

        var dataset = Data(await File.ReadAllTextAsync(folder["trains.html"]));
        dataset.GetProperty("title").GetString().ShouldBe("Drift of trains");
        dataset.GetProperty("comparison").GetString()!.ShouldStartWith("2024-03-08 to 2024-03-10 (720 rows) against 2024-03-05 to 2024-03-07 (720 rows).");
        dataset.GetProperty("columns").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "delay").GetProperty("distribution").GetProperty("current").EnumerateArray().Sum(v => v.GetDouble()).ShouldBe(1, 1e-9);
        var model = Data(await File.ReadAllTextAsync(folder["late.html"]));
        model.GetProperty("title").GetString().ShouldBe("Drift of late 1");
        model.GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ShouldContain("label");
    }

    private static JsonElement Data(string page)
    {
        var start = page.IndexOf("id=\"data\">", StringComparison.Ordinal) + "id=\"data\">".Length;
        using var document = JsonDocument.Parse(page[start..page.IndexOf("</script>", start, StringComparison.Ordinal)]);
        return document.RootElement.Clone();
    }
}
