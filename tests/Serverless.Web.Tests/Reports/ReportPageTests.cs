using System.Text.Json;
using System.Text.RegularExpressions;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Reports;
using Serverless.Web.Reports;

namespace Serverless.Web.Tests.Reports;

public sealed class ReportPageTests
{
    private const string Nasty = "</script><script>alert(1)</script>&\"'";

    [Fact]
    public void Write_AnyReport_AsksNoOtherHost()
    {
        var page = Page(Report());
        var own = page.Replace(Script(page), "", StringComparison.Ordinal);

        Regex.Matches(own, """(src|href|url\()\s*=?\s*["']?(https?:)?//""").ShouldBeEmpty();
        page.ShouldContain("default-src 'none'");
        own.ShouldNotContain("<link");
    }

    [Fact]
    public void Write_TextsThatAreMarkup_AreTexts()
    {
        var page = Page(Report() with { Title = Nasty, Changes = [Nasty], Columns = [new ReportColumn { Name = Nasty, Type = "string", Distribution = new([Nasty], null, [1], false) }] });

        page.ShouldNotContain("<script>alert(1)");
        page.ShouldContain("<h1>&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#x27;</h1>");
        Data(page).GetProperty("columns")[0].GetProperty("name").GetString().ShouldBe(Nasty);
    }

    [Fact]
    public void Write_WithoutScripts_SaysTheSameInTables()
    {
        var page = Page(Report());

        page.ShouldContain("<p class=\"verdict bad\">1 of 2 columns drifted</p>");
        page.ShouldContain("<tr><td>completeness</td><td>delay</td><td class=\"n\">0.71</td><td>completeness &gt;= 0.95</td><td>error</td><td><span class=\"tag bad\">failed</span></td></tr>");
        page.ShouldContain("<tr><td>2001-01-02</td><td>missing</td><td class=\"n\">0</td><td>no partition</td></tr>");
        page.ShouldContain("<td>2001-01-03</td><td class=\"n\">9</td><td class=\"n\">1</td><td class=\"n\">4</td>", customMessage: "a point out of bounds, with the bounds");
    }

    [Fact]
    public void Write_Columns_TheMostDriftedComeFirst()
    {
        var page = Page(Report());

        Data(page).GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ShouldBe(["distance", "delay"]);
    }

    [Fact]
    public void Write_MoreColumnsThanPictures_NamesAllInTheTable()
    {
        var columns = Enumerable.Range(0, ReportPage.MostPictures + 50)
            .Select(i => new ReportColumn { Name = $"c{i}", Type = "number", Drift = new("ks", 0.1, 0.9, 0.05, false, "none", null) }).ToList();

        var page = Page(Report() with { Columns = columns });

        Regex.Matches(page, "<tr><td>c[0-9]+</td>").Count.ShouldBe(columns.Count);
        Data(page).GetProperty("columns").GetArrayLength().ShouldBe(ReportPage.MostPictures);
        page.ShouldContain($"Pictures of the first {ReportPage.MostPictures} of {columns.Count} columns");
    }

    [Fact]
    public void Write_InfiniteAndMissingFigures_AreNoBrokenPage()
    {
        var page = Page(Report() with { Series = [new ReportSeries { Name = "x", Points = [new("2001-01-01", double.PositiveInfinity, null, null, false), new("2001-01-02", null, null, double.NaN, false)] }] });

        Data(page).GetProperty("series")[0].GetProperty("points")[0].GetProperty("value").GetString().ShouldBe("Infinity");
    }

    internal static ReportDocument Report() => new()
    {
        Title = "flights", GeneratedAt = new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero), Verdict = new(ReportLevel.Bad, "1 of 2 columns drifted"), Facts = [new("Rows", "3")],
        Calendar = new(PartitionGrain.Day, [new("2001-01-01", ReportPeriodState.Good, 3, 0, null), new("2001-01-02", ReportPeriodState.Missing, 0, 0, "no partition"), new("2001-01-03", ReportPeriodState.Failed, 9, 1, "size")]),
        Checks = [new() { Check = "completeness", Column = "delay", Outcome = Outcome.Failed, Value = 0.71, Expectation = "completeness >= 0.95", Severity = Severity.Error }],
        Series = [new() { Name = "size", Points = [new("2001-01-01", 3, 1, 4, false), new("2001-01-03", 9, 1, 4, true)] }],
        Columns =
        [
            new() { Name = "delay", Type = "integer", Drift = new("wasserstein", 0.01, null, 0.1, false, "none", null), Distribution = new(["0 to 10", "10 to 20"], [0.5, 0.5], [0.4, 0.6], true) },
            new() { Name = "distance", Type = "integer", Drift = new("wasserstein", 0.61, null, 0.1, true, "drift", null), Distribution = new(["0 to 10", "10 to 20"], [0.9, 0.1], [0.1, 0.9], true) },
        ],
    };

    private static string Page(ReportDocument report)
    {
        using var writer = new StringWriter();
        ReportPage.Write(writer, report);
        return writer.ToString();
    }

    private static JsonElement Data(string page)
    {
        var start = page.IndexOf("id=\"data\">", StringComparison.Ordinal) + "id=\"data\">".Length;
        using var document = JsonDocument.Parse(page[start..page.IndexOf("</script>", start, StringComparison.Ordinal)]);
        return document.RootElement.Clone();
    }

    // The chart library names its home page and the namespaces of SVG; it fetches nothing.
    private static string Script(string page)
    {
        var start = page.IndexOf("/*! Apache ECharts", StringComparison.Ordinal);
        return page[start..page.IndexOf("</script>", start, StringComparison.Ordinal)];
    }
}
