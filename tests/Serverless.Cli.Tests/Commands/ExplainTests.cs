namespace Serverless.Cli.Tests.Commands;

/// <summary>Trained on trains that are late in the evening: the moment has to matter, the line has not.</summary>
public sealed class ExplainTests(TrainedTrains trained) : IClassFixture<TrainedTrains>
{
    private const string Rows = """[{"at":"2024-03-12T20:05:00Z","line":"red"},{"at":"2024-03-12T03:05:00Z","line":"blue"}]""";

    [Theory, InlineData("auto", "path-dependent"), InlineData("interventional", "interventional"), InlineData("sampled", "sampled")]
    public async Task Explain_RowsOfStdin_AddUpToTheScore(string asked, string method)
    {
        var explained = await Cli.RunAsync(trained.Folder.Path, Rows, CancellationToken.None, "--json", "explain", "late", "--input", "-", "--method", asked);
        explained.Code.ShouldBe(0, explained.Error);
        explained.Json.GetProperty("method").GetString().ShouldBe(method);
        var baseline = explained.Json.GetProperty("baseline").GetDouble();
        var rows = explained.Json.GetProperty("rows").EnumerateArray().ToArray();
        rows.Length.ShouldBe(2);
        foreach (var row in rows)
        {
            var contributions = row.GetProperty("contributions").EnumerateArray().ToArray();
            contributions.Select(c => c.GetProperty("feature").GetString()).Order().ShouldBe(["at", "line"]);
            (baseline + contributions.Sum(c => c.GetProperty("contribution").GetDouble())).ShouldBe(row.GetProperty("score").GetDouble(), 1e-6);
            row.GetProperty("probability").GetDouble().ShouldBe(1 / (1 + Math.Exp(-row.GetProperty("score").GetDouble())), 1e-9);
            contributions[0].GetProperty("feature").GetString().ShouldBe("at");
        }

        rows[0].GetProperty("contributions")[0].GetProperty("contribution").GetDouble().ShouldBeGreaterThan(0);
        rows[1].GetProperty("contributions")[0].GetProperty("contribution").GetDouble().ShouldBeLessThan(0);
    }

    [Fact]
    public async Task Explain_InFrench_SaysItAtEightyColumns()
    {
        var explained = await Cli.RunAsync(trained.Folder.Path, Rows, CancellationToken.None, "explain", "late", "--input", "-", "--language", "fr");
        explained.Code.ShouldBe(0, explained.Error);
        explained.Out.ReplaceLineEndings(" ").ShouldContain("Parce que l’heure est 20\u202Fh, le modèle relève de");
        explained.Out.Split('\n').ShouldAllBe(l => l.TrimEnd().Length <= 80);
        explained.Out.ShouldContain("late version");
    }

    [Fact]
    public async Task Explain_Global_FindsWhatMattersAndKeepsIt()
    {
        var first = await Cli.DoneAsync(trained.Folder.Path, "--json", "explain", "late", "--global");
        var columns = first.Json.GetProperty("columns").EnumerateArray().ToArray();
        columns[0].GetProperty("column").GetString().ShouldBe("at");
        columns.Sum(c => c.GetProperty("share").GetDouble()).ShouldBe(1, 1e-9);
        columns[0].GetProperty("drop").GetDouble().ShouldBeGreaterThan(0.2);
        columns[0].GetProperty("low").GetDouble().ShouldBeGreaterThan(0);
        first.Json.GetProperty("features").GetProperty("hour").GetDouble().ShouldBeGreaterThan(0.5);
        var hour = first.Json.GetProperty("dependence").EnumerateArray().Single(d => d.GetProperty("variable").GetString() == "hour").GetProperty("points").EnumerateArray().ToArray();
        hour.Length.ShouldBe(24);
        hour[20].GetProperty("answers")[0].GetDouble().ShouldBeGreaterThan(hour[5].GetProperty("answers")[0].GetDouble() + 0.1);
        first.Json.GetProperty("tree").GetProperty("r2").GetDouble().ShouldBeGreaterThan(0.8);
        first.Json.GetProperty("tree").GetProperty("lines")[0].GetString()!.ShouldStartWith("hour up to 15");
        (await Cli.DoneAsync(trained.Folder.Path, "--json", "explain", "late", "--global")).Out.ShouldBe(first.Out);
        var shown = await Cli.DoneAsync(trained.Folder.Path, "explain", "late", "--global");
        shown.Out.Split('\n').ShouldAllBe(l => l.TrimEnd().Length <= 80);
        shown.Out.ShouldContain("A small tree that imitates it");
    }

    // Friedman 2001: partial dependence is the mean of the curves of single rows (Goldstein et al. 2015), here of all rows that were looked at.
    [Fact]
    public async Task Explain_Dependence_IsTheMeanOfTheCurvesOfItsRows()
    {
        var asked = (await Cli.DoneAsync(trained.Folder.Path, "--json", "explain", "late", "--dependence", "hour", "--curves", "500")).Json;
        var found = asked.GetProperty("dependence");
        found.GetProperty("curvesOf").GetString().ShouldBe("probability");
        var curves = found.GetProperty("curves").EnumerateArray().Select(c => c.EnumerateArray().Select(a => a.GetDouble()).ToArray()).ToArray();
        curves.Length.ShouldBe(Math.Min(500, asked.GetProperty("rows").GetInt32()));
        var points = found.GetProperty("points").EnumerateArray().ToArray();
        for (var i = 0; i < points.Length; i++) curves.Average(c => c[i]).ShouldBe(points[i].GetProperty("answers")[0].GetDouble(), 1e-12);

        // What has curves is not stored, and the stored one has the same means.
        var kept = (await Cli.DoneAsync(trained.Folder.Path, "--json", "explain", "late", "--global")).Json.GetProperty("dependence").EnumerateArray().Single(d => d.GetProperty("variable").GetString() == "hour");
        kept.GetProperty("curves").GetArrayLength().ShouldBe(0);
        kept.GetProperty("points").GetRawText().Split().Where(t => t.Length > 0).ShouldBe(found.GetProperty("points").GetRawText().Split().Where(t => t.Length > 0));
        (await Cli.DoneAsync(trained.Folder.Path, "--json", "explain", "late", "--global", "--curves", "3")).Json.GetProperty("dependence").EnumerateArray().ShouldAllBe(d => d.GetProperty("curves").GetArrayLength() == 3);
        var shown = await Cli.DoneAsync(trained.Folder.Path, "explain", "late", "--dependence", "hour");
        shown.Out.Split('\n').ShouldAllBe(l => l.TrimEnd().Length <= 80);
        shown.Out.ShouldContain("hour: mean probability when all rows have the value.");
    }

    [Fact]
    public async Task ExplainAndReport_OfAVersionThatIsNotTheChampion_AreOfThatVersion()
    {
        var champion = (await Cli.DoneAsync(trained.Folder.Path, "--json", "models")).Json.GetProperty("models").EnumerateArray().Single(m => m.GetProperty("model").GetString() == "late").GetProperty("champion").GetInt32();
        foreach (var version in new[] { 1, 2 })
        {
            var rows = await Cli.RunAsync(trained.Folder.Path, Rows, CancellationToken.None, "--json", "explain", "late", "--input", "-", "--version", $"{version}");
            (rows.Code, rows.Json.GetProperty("version").GetInt32()).ShouldBe((0, version));
            (await Cli.DoneAsync(trained.Folder.Path, "--json", "explain", "late", "--global", "--version", $"{version}")).Json.GetProperty("version").GetInt32().ShouldBe(version);
            var made = (await Cli.DoneAsync(trained.Folder.Path, "--json", "report", "late", "--html", $"v{version}.html", "--version", $"{version}", "--curves", "4")).Json;
            made.GetProperty("version").GetInt32().ShouldBe(version);
            (await File.ReadAllTextAsync(made.GetProperty("report").GetString()!)).ShouldContain($"late, version {version}");
        }

        (await Cli.DoneAsync(trained.Folder.Path, "--json", "explain", "late", "--global")).Json.GetProperty("version").GetInt32().ShouldBe(champion);
    }

    [Theory]
    [InlineData("explain needs rows", "explain", "late")]
    [InlineData("ask for one of them", "explain", "late", "--global", "--input", "x.csv")]
    [InlineData("method 'shap' is not known", "explain", "late", "--input", "-", "--method", "shap")]
    [InlineData("--curves shows single rows beside the model in general", "explain", "late", "--input", "-", "--curves", "5")]
    [InlineData("--curves is a number of rows from 1 to 500, not 0.", "explain", "late", "--global", "--curves", "0")]
    [InlineData("model 'late' has no column 'hours' whose values can be tried. Did you mean 'hour'?", "explain", "late", "--dependence", "hours")]
    [InlineData("model 'late' has no classes to choose from; leave 'class' out.", "explain", "late", "--dependence", "hour", "--class", "red")]
    [InlineData("model 'late' has no version 9; it has 1 to 2.", "explain", "late", "--global", "--version", "9")]
    [InlineData("--input, --version and --curves are for the page of a model", "report", "trains", "--version", "1")]
    [InlineData("language 'de' is not known. Languages: en, fr.", "explain", "late", "--input", "-", "--language", "de")]
    public async Task Explain_WrongWords_SayWhatThereIs(string message, params string[] args)
    {
        var explained = await Cli.RunAsync(trained.Folder.Path, Rows, CancellationToken.None, args);
        explained.Code.ShouldBe(2);
        explained.Error.ShouldContain(message);
    }

    [Fact]
    public async Task Report_OfAModel_SpeaksToThreeReaders()
    {
        var made = await Cli.DoneAsync(trained.Folder.Path, "--json", "report", "late", "--html", "late.html");
        var page = await File.ReadAllTextAsync(made.Json.GetProperty("report").GetString()!);
        page.ShouldContain("For the person concerned");
        page.ShouldContain("For the business");
        page.ShouldContain("For the data scientist");
        page.ShouldContain("<p lang=\"fr\">");
        page.ShouldContain("data-chart=\"importance-0\"");
        page.ShouldContain("data-chart=\"dependence-0\"");
        page.ShouldContain("the same prediction for");
        var cases = await Cli.RunAsync(trained.Folder.Path, Rows, CancellationToken.None, "--json", "report", "late", "--html", "cases.html", "--input", "-");
        (await File.ReadAllTextAsync(cases.Json.GetProperty("report").GetString()!)).ShouldContain("Case 2");
    }
}
