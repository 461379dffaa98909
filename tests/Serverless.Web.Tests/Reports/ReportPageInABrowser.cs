using Serverless.Reports;
using Serverless.Testing;
using Serverless.Testing.Browser;
using Serverless.Web.Reports;

namespace Serverless.Web.Tests.Reports;

/// <summary>A report opened from a file, as a person opens it, in headless Chromium; skipped where there is none.</summary>
public sealed class ReportPageInABrowser
{
    [SkippableFact]
    public async Task Page_OpenedFromAFile_DrawsEveryChartAndChangesItsColours()
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);
        using var folder = new TempFolder();
        await using (var file = File.CreateText(folder["report.html"])) ReportPage.Write(file, ReportPageTests.Report());
        await using var browser = await Chromium.StartAsync();
        await browser.PreferAsync("light");
        await browser.ResizeAsync(1200, 3000);

        await browser.GoAsync(new Uri(folder["report.html"]));
        await browser.UntilAsync("[...document.querySelectorAll('.chart')].every(c => c.querySelector('svg path'))");

        (await browser.EvaluateAsync("document.querySelectorAll('.chart').length")).GetInt32().ShouldBe(4, "a calendar, a series and two distributions");
        (await browser.EvaluateAsync("[...document.querySelectorAll('.chart')].every(c => c.getAttribute('aria-label'))")).GetBoolean().ShouldBeTrue("each picture says what it shows");
        (await browser.EvaluateAsync("performance.getEntriesByType('resource').length")).GetInt32().ShouldBe(0, "nothing is fetched");
        const string Paper = "getComputedStyle(document.body).backgroundColor";
        var light = (await browser.EvaluateAsync(Paper)).GetString();
        await browser.EvaluateAsync("document.getElementById('theme').click()");
        (await browser.EvaluateAsync(Paper)).GetString().ShouldNotBe(light);
        (await browser.EvaluateAsync("[...document.querySelectorAll('.chart')].every(c => c.querySelector('svg path'))")).GetBoolean().ShouldBeTrue();
    }

    // Two times side by side are wider than a card of a grid, and the last label of an axis of time is wider than half its distance from the edge.
    [SkippableTheory, InlineData(390), InlineData(820), InlineData(1200)]
    public async Task Page_ColumnOfTimes_KeepsFiguresAndLabelsWithinTheirCard(int width)
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);
        string[] days = [.. Enumerable.Range(1, 28).Select(d => $"2001-02-{d:00}")];
        var report = ReportPageTests.Report() with
        {
            Columns =
            [
                .. Enumerable.Range(1, 3).Select(i => new ReportColumn
                {
                    Name = $"at {i}", Type = "timestamp", Distribution = new(days, [.. days.Select(_ => 1.0 / 28)], [.. days.Select(_ => 1.0 / 28)], true),
                    Figures = [new("standard deviation", "12,345.6", "12,345.7"), new("least", "2001-01-01 00:00", "2001-02-01 00:00"), new("greatest", "WWWWWWWWWWWWWWWWWWWWWWW…", "WWWWWWWWWWWWWWWWWWWWWWW…")],
                }),
            ],
        };
        using var folder = new TempFolder();
        await using (var file = File.CreateText(folder["report.html"])) ReportPage.Write(file, report);
        await using var browser = await Chromium.StartAsync();
        await browser.ResizeAsync(width, 3000);

        await browser.GoAsync(new Uri(folder["report.html"]));
        await browser.UntilAsync("[...document.querySelectorAll('.chart')].every(c => c.querySelector('svg path'))");

        const string Outside = """
            JSON.stringify([...document.querySelectorAll('figure.card td, figure.card th, figure.card svg text')].filter(e => {
                const own = e.getBoundingClientRect(), card = e.closest('.card').getBoundingClientRect();
                return own.width > 0 && (own.left < card.left - 1 || own.right > card.right + 1);
            }).map(e => e.textContent))
            """;
        (await browser.EvaluateAsync("document.querySelectorAll('.card td.n').length")).GetInt32().ShouldBeGreaterThanOrEqualTo(18);
        (await browser.EvaluateAsync(Outside)).GetString().ShouldBe("[]", $"at {width}");
    }

    [SkippableFact]
    public async Task Page_OnATelephone_DoesNotScrollSideways()
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);
        using var folder = new TempFolder();
        await using (var file = File.CreateText(folder["report.html"])) ReportPage.Write(file, ReportPageTests.Report());
        await using var browser = await Chromium.StartAsync();
        await browser.ResizeAsync(390, 800);

        await browser.GoAsync(new Uri(folder["report.html"]));

        (await browser.EvaluateAsync("document.documentElement.scrollWidth")).GetInt32().ShouldBeLessThanOrEqualTo(390);
    }
}
