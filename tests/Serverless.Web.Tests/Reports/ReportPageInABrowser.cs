using System.Globalization;
using Serverless.Datasets;
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

    [SkippableFact]
    public async Task Calendar_OnATelephone_ShowsEveryMonthWithinTheScreen()
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);
        using var folder = new TempFolder();
        var year = Enumerable.Range(0, 365).Select(i => new ReportPeriod(new DateOnly(2001, 1, 1).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), ReportPeriodState.Good, 3, 0, null));
        await using (var file = File.CreateText(folder["report.html"])) ReportPage.Write(file, ReportPageTests.Report() with { Calendar = new(PartitionGrain.Day, [.. year]) });
        await using var browser = await Chromium.StartAsync();
        await browser.ResizeAsync(400, 2000);

        await browser.GoAsync(new Uri(folder["report.html"]));
        await browser.UntilAsync("document.querySelector('.chart.calendar svg text')");

        var months = await browser.EvaluateAsync("""
            [...document.querySelectorAll('.chart.calendar svg text')].filter(t => /^[A-Z][a-z]{2}$/.test(t.textContent) && t.getBoundingClientRect().right <= innerWidth
                && t.getBoundingClientRect().right <= t.closest('.chart').getBoundingClientRect().right + 1).map(t => t.textContent).join(' ')
            """);
        foreach (var month in CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames.Take(12)) months.GetString()!.ShouldContain(month);
    }

    [SkippableFact]
    public async Task Page_InTheDark_TextOfPicturesCanBeRead()
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);
        using var folder = new TempFolder();
        await using (var file = File.CreateText(folder["report.html"])) ReportPage.Write(file, ReportPageTests.Report());
        await using var browser = await Chromium.StartAsync();
        foreach (var scheme in (string[])["dark", "light"])
        {
            await browser.PreferAsync(scheme);
            await browser.ResizeAsync(1200, 3000);
            await browser.GoAsync(new Uri(folder["report.html"]));
            await browser.UntilAsync($"document.documentElement.dataset.theme === '{scheme}' && [...document.querySelectorAll('.chart')].every(c => c.querySelector('svg text'))");

            // Contrast of WCAG 2.2, 1.4.3: at least 4.5 for text of this size, against the card that it lies on.
            var worst = await browser.EvaluateAsync("""
                (() => {
                  const light = c => { const [r, g, b] = c.match(/[\d.]+/g).slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
                  return Math.min(...[...document.querySelectorAll('.chart svg text')].map(t => {
                    const a = light(getComputedStyle(t).fill), b = light(getComputedStyle(t.closest('.card') ?? document.body).backgroundColor);
                    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                  }));
                })()
                """);
            worst.GetDouble().ShouldBeGreaterThanOrEqualTo(4.5, scheme);
        }
    }

    [SkippableFact]
    public async Task Page_WithTheKeyboard_ReachesButtonAndTablesThatScrollAndShowsWhereItIs()
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);
        using var folder = new TempFolder();
        await using (var file = File.CreateText(folder["report.html"])) ReportPage.Write(file, ReportPageTests.Report());
        await using var browser = await Chromium.StartAsync();
        await browser.ResizeAsync(400, 800);
        await browser.GoAsync(new Uri(folder["report.html"]));
        await browser.UntilAsync("document.querySelector('.scroll[tabindex]')");

        await browser.PressAsync("Tab");
        (await browser.EvaluateAsync("document.activeElement.id")).GetString().ShouldBe("theme");
        (await browser.EvaluateAsync("getComputedStyle(document.activeElement).outlineStyle")).GetString().ShouldBe("solid", "the focus is seen");

        // As often as there is anything to reach, and not once more.
        var scrolled = false;
        for (var presses = 0; presses < 20 && !scrolled; presses++)
        {
            await browser.PressAsync("Tab");
            scrolled = (await browser.EvaluateAsync("document.activeElement.classList.contains('scroll') && document.activeElement.querySelector('table') !== null")).GetBoolean();
        }

        scrolled.ShouldBeTrue("a table wider than the screen can be moved with the arrow keys");
        (await browser.EvaluateAsync("getComputedStyle(document.activeElement).outlineStyle")).GetString().ShouldBe("solid");
    }
}
