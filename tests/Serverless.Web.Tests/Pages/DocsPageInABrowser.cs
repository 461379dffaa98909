using Serverless.Testing.Browser;

namespace Serverless.Web.Tests.Pages;

/// <summary>The interactive page, in headless Chromium: an operation found, opened and sent as a person would, with nothing from elsewhere; skipped where there is no browser.</summary>
public sealed class DocsPageInABrowser
{
    [SkippableTheory]
    [InlineData("/v1/models/late/predict", "late", "\"prediction\"")]
    [InlineData("/v2/models/reason/infer", "reason", "\"model_version\"")]
    public async Task Operation_SentFromThePage_IsAnswered(string path, string model, string answer)
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);
        await using var host = await WebHost.StartAsync();
        await using var browser = await Chromium.StartAsync();
        await browser.GoAsync(new Uri(host.Address, "/docs/"));
        var operation = $"document.getElementById('v1/tag/predict/POST{path}')";
        await browser.UntilAsync("document.body.innerText.includes('Predict')");
        // The page draws what one looks at.
        await browser.EvaluateAsync($"location.hash = '#tag/predict/POST{path}'");
        var test = $"[...({operation}?.querySelectorAll('button') ?? [])].find(b => b.textContent.includes('Test Request'))";
        await browser.UntilAsync(test);
        await browser.EvaluateAsync($"{test}.click()");
        const string Send = "[...document.querySelectorAll('button')].find(b => b.offsetParent !== null && b.textContent.includes('Send post request'))";
        await browser.UntilAsync(Send);
        await browser.EvaluateAsync($"{Send}.click()");

        await browser.UntilAsync($"[...document.querySelectorAll('[role=dialog]')].some(d => d.innerText.includes('200 OK') && d.innerText.includes('{answer}'))");
        await host.Predictions.FlushAsync();
        Directory.EnumerateFiles(Path.Combine(host.Folder, "objects", "predictions", model), "*.parquet", SearchOption.AllDirectories).ShouldNotBeEmpty("the page asked the server");
        (await browser.EvaluateAsync("performance.getEntriesByType('resource').map(r => r.name).filter(n => !n.startsWith(location.origin) && !n.startsWith('data:') && !n.startsWith('blob:')).join(' ')")).GetString().ShouldBe("");
    }
}
