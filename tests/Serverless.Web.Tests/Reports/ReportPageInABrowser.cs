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
