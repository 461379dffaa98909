using System.Globalization;
using Serverless.Testing;

namespace Serverless.Cli.Tests.Commands;

public sealed class SuggestTests
{
    [Fact]
    public async Task Suggest_AFlightsFile_IsWhatAPersonWouldWrite()
    {
        using var folder = new TempFolder();

        var json = (await Cli.DoneAsync(folder.Path, "suggest", Repository.PathOf("samples/flights/drops/2001-01-05.csv.gz"), "--json")).Json;

        json.GetProperty("suggestions").EnumerateArray().Where(s => s.GetProperty("holdout").GetProperty("passed").GetBoolean()).Select(s => s.GetProperty("yaml").GetString()).ShouldBe(
        [
            "{ check: completeness, column: date, min: 1, severity: warning }",
            "{ check: completeness, column: delay, min: 1, severity: warning }",
            "{ check: min, column: delay, min: -89, severity: warning }",
            "{ check: completeness, column: distance, min: 1, severity: warning }",
            "{ check: min, column: distance, min: 0, severity: warning }",
            "{ check: completeness, column: origin, min: 1, severity: warning }",
            "{ check: pattern, column: origin, pattern: \"^[A-Z]{3}$\", min: 1, severity: warning }",
            "{ check: completeness, column: destination, min: 1, severity: warning }",
            "{ check: pattern, column: destination, pattern: \"^[A-Z]{3}$\", min: 1, severity: warning }",
        ]);
        json.GetProperty("partition").GetProperty("column").GetString().ShouldBe("date");
        (json.GetProperty("rows").GetInt64() + json.GetProperty("heldOut").GetInt64()).ShouldBe(4148);
    }

    [Fact]
    public async Task Suggest_TheWeather_FindsItsKeyItsCategoriesAndItsMonths()
    {
        using var folder = new TempFolder();
        var lines = Directory.GetFiles(Repository.PathOf("samples/weather/drops"), "2012-*.csv").Order(StringComparer.Ordinal).SelectMany((f, i) => File.ReadLines(f).Skip(i == 0 ? 0 : 1));
        folder.Write("weather.csv", string.Join('\n', lines) + "\n");

        var json = (await Cli.DoneAsync(folder.Path, "suggest", "weather.csv", "--json")).Json;

        var yaml = json.GetProperty("suggestions").EnumerateArray().Select(s => s.GetProperty("yaml").GetString()).ToArray();
        yaml.ShouldContain("{ check: uniqueness, column: date, min: 1, severity: warning }");
        yaml.ShouldContain("{ check: min, column: precipitation, min: 0, severity: warning }");
        json.GetProperty("suggestions").EnumerateArray().Single(s => s.GetProperty("check").GetString() == "containment" && s.GetProperty("column").GetString() == "weather")
            .GetProperty("values").EnumerateArray().Select(v => v.GetString()).Order().ShouldBe(["drizzle", "fog", "rain", "snow", "sun"]);
        json.GetProperty("partition").GetProperty("grain").GetString().ShouldBe("month");
    }

    [Fact]
    public async Task Suggest_WriteANewDataset_CanBeIngestedAtOnce()
    {
        using var folder = new TempFolder();
        folder.Write("serverless.yaml", "name: new\n");
        var file = Repository.PathOf("samples/flights/drops/2001-01-05.csv.gz");

        var shown = await Cli.RunAsync(folder.Path, "suggest", file, "--write", "--dataset", "trips");
        shown.Code.ShouldBe(ExitCode.Usage);
        shown.Error.ShouldContain("datasets/trips.yaml was not changed: nobody can be asked here. Look at the difference, then add --yes.");
        File.Exists(folder["datasets/trips.yaml"]).ShouldBeFalse();

        (await Cli.DoneAsync(folder.Path, "suggest", file, "--write", "--dataset", "trips", "--yes")).Out.ShouldContain("Wrote datasets/trips.yaml.");
        var text = await File.ReadAllTextAsync(folder["datasets/trips.yaml"]);
        text.ShouldContain("# A guess: 'date' is the only timestamp column that is filled in every row; 4,148 rows lie on 1 day, so a partition for each day.\npartition: { column: date, grain: day }\n");
        text.ShouldContain("  date:        { type: timestamp, required: true }\n");
        var ingest = await Cli.DoneAsync(folder.Path, "ingest", "trips", file, "--json");
        ingest.Json.GetProperty("drops")[0].GetProperty("quarantined").GetInt64().ShouldBe(0);
        ingest.Json.GetProperty("drops")[0].GetProperty("failed").GetArrayLength().ShouldBe(0);

        var again = await Cli.RunAsync(folder.Path, "suggest", file, "--write", "--dataset", "trips", "--yes");
        again.Code.ShouldBe(ExitCode.Usage);
        again.Error.ShouldContain("dataset 'trips' exists already");
        (await File.ReadAllTextAsync(folder["datasets/trips.yaml"])).ShouldBe(text);
    }

    [Fact]
    public async Task Suggest_WriteIntoADataset_AsksKeepsTheFileAndIsIdempotent()
    {
        using var folder = await SmallWorkspace.WithDataAsync(days: 6);
        var before = SmallWorkspace.Dataset.Replace("checks:", "# what we know\nchecks:", StringComparison.Ordinal) + "\n";
        folder.Write("datasets/trains.yaml", before);

        var no = await Cli.RunAsync(folder.Path, "n\n", CancellationToken.None, "suggest", "trains", "--write");
        no.Code.ShouldBe(ExitCode.No);
        no.Out.ShouldContain("+  - { check: containment, column: line, values: [blue, green, red], min: 1, severity: warning }");
        (await File.ReadAllTextAsync(folder["datasets/trains.yaml"])).ShouldBe(before);

        var unasked = await Cli.RunAsync(folder.Path, "suggest", "trains", "--write", "--json");
        unasked.Code.ShouldBe(ExitCode.No);
        unasked.Json.GetProperty("written").GetBoolean().ShouldBeFalse();

        (await Cli.RunAsync(folder.Path, "y\n", CancellationToken.None, "suggest", "trains", "--write")).Code.ShouldBe(ExitCode.Done);
        var after = await File.ReadAllTextAsync(folder["datasets/trains.yaml"]);
        after.ShouldStartWith(before.TrimEnd('\n'));
        after.ShouldNotContain("check: size, min: 1,"); // there is a check of the size already

        var twice = await Cli.DoneAsync(folder.Path, "suggest", "trains", "--write", "--yes");
        twice.Out.ShouldContain("Nothing to add to datasets/trains.yaml.");
        (await File.ReadAllTextAsync(folder["datasets/trains.yaml"])).ShouldBe(after);
        (await Cli.DoneAsync(folder.Path, "check", "trains")).Out.ShouldContain("passed");
    }

    [Fact]
    public async Task Suggest_WhatHeldOutRowsContradict_IsMarkedAndNotWritten()
    {
        using var folder = SmallWorkspace.Create();
        foreach (var day in Enumerable.Range(1, 5)) folder.Day(day, also: day == 5 ? "2024-03-05 10:00:00,7,violet\n" : null);
        await Cli.DoneAsync(folder.Path, ["ingest", "trains", .. Enumerable.Range(1, 5).Select(d => $"drops/2024-03-{d.ToString("00", CultureInfo.InvariantCulture)}.csv")]);

        var json = (await Cli.DoneAsync(folder.Path, "suggest", "trains", "--write", "--yes", "--json")).Json;

        var list = json.GetProperty("suggestions").EnumerateArray().Single(s => s.GetProperty("check").GetString() == "containment");
        list.GetProperty("passed").GetBoolean().ShouldBeFalse();
        list.GetProperty("holdout").GetProperty("value").GetDouble().ShouldBe(240.0 / 241, 1e-9);
        list.GetProperty("holdout").GetProperty("failed").GetInt32().ShouldBe(1);
        (await File.ReadAllTextAsync(folder["datasets/trains.yaml"])).ShouldNotContain("containment");
    }

    [Theory]
    [InlineData("error: --holdout 0.95: expected a share from 0 to 0.9.", "trains", "--holdout", "0.95")]
    [InlineData("error: --dataset and --yes belong to --write.", "trains", "--yes")]
    [InlineData("error: dataset 'trians' is not in this workspace; did you mean 'trains'?", "trians")]
    public async Task Suggest_SomethingWrong_SaysWhat(string expected, params string[] arguments)
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.RunAsync(folder.Path, ["suggest", .. arguments]);

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(expected);
    }

    [Fact]
    public async Task Suggest_ADatasetWithoutData_SaysSo()
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.RunAsync(folder.Path, "suggest", "trains");

        run.Code.ShouldBe(ExitCode.InputOutput);
        run.Error.ShouldContain("dataset 'trains' has no partitions yet.");
    }
}
