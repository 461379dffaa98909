using Serverless.Testing.Browser;

namespace Serverless.Web.Tests.Pages;

/// <summary>The home page as a person meets it, in headless Chromium; skipped where there is none.</summary>
public sealed class HomePageInABrowser : IAsyncLifetime
{
    private WebHost host = null!;
    private Chromium? started;

    private Chromium Browser => started!;

    public async Task InitializeAsync()
    {
        if (Chromium.Missing is not null) return;
        host = await WebHost.StartAsync();
        started = await Chromium.StartAsync();
        await Browser.GoAsync(host.Address);
        await Browser.UntilAsync("document.querySelector('form[aria-label=\"Try late\"]')");
    }

    public async Task DisposeAsync()
    {
        if (started is not null) await started.DisposeAsync();
        if (host is not null) await host.DisposeAsync();
    }

    [SkippableFact]
    public async Task Form_FilledInAndSent_ShowsTheAnswerOfTheApi()
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);
        (await Browser.TextAsync("#ready")).ShouldBe("ready");

        await Browser.EvaluateAsync("""(() => { const f = document.querySelector('form[aria-label="Try late"]'); f.elements.distance.value = '733'; f.querySelector('button').click(); })()""");
        await Browser.UntilAsync("""document.querySelector('form[aria-label="Try late"] .answer')""");

        var id = await Browser.TextAsync("""form[aria-label="Try late"] .answer code""");
        id.Length.ShouldBe(26);
        (await Browser.TextAsync("""form[aria-label="Try late"] .answer strong""")).ShouldBeOneOf("true", "false");
        (await Browser.EvaluateAsync("""document.querySelectorAll('form[aria-label="Try late"] meter').length""")).GetInt32().ShouldBe(2);
    }

    [SkippableFact]
    public async Task Form_WrongValue_NamesTheFieldAndMovesTheFocusThere()
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);

        await Browser.EvaluateAsync("""(() => { const f = document.querySelector('form[aria-label="Try late"]'); f.elements.date.value = 'yesterday'; f.querySelector('button').click(); })()""");
        await Browser.UntilAsync("""document.querySelector('form[aria-label="Try late"] [aria-invalid=true]')""");

        (await Browser.EvaluateAsync("document.activeElement.name")).GetString().ShouldBe("date");
        (await Browser.EvaluateAsync("document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent")).GetString()!.ShouldContain("expected a time");
    }

    [SkippableFact]
    public async Task Form_KeyboardOnly_IsReachedSentAndAnswered()
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);

        await Browser.PressAsync("Tab");
        (await Browser.TextAsync(":focus")).ShouldBe("Skip to the models");
        await Browser.PressAsync("Enter");
        await ReachAsync("document.activeElement.name === 'distance' && document.activeElement.form.getAttribute('aria-label') === 'Try late'");
        await Browser.EvaluateAsync("document.activeElement.select()");
        await Browser.TypeAsync("500");
        (await Browser.EvaluateAsync("document.activeElement.value")).GetString().ShouldBe("500");
        await ReachAsync("document.activeElement.tagName === 'BUTTON' && document.activeElement.form?.getAttribute('aria-label') === 'Try late'");
        (await Browser.EvaluateAsync("getComputedStyle(document.activeElement).outlineStyle")).GetString().ShouldNotBe("none");
        await Browser.PressAsync("Enter");

        await Browser.UntilAsync("""document.querySelector('form[aria-label="Try late"] .answer')""");
    }

    [SkippableTheory, InlineData("light"), InlineData("dark")]
    public async Task Page_InEitherScheme_HasTextThatCanBeRead(string scheme)
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);

        await Browser.PreferAsync(scheme);

        var luminance = await LuminanceAsync("getComputedStyle(document.documentElement).backgroundColor", "getComputedStyle(document.body).backgroundColor");
        (luminance < 0.2).ShouldBe(scheme == "dark", $"the background's luminance is {luminance}");
        foreach (var selector in new[] { "h1", "h3", ".quiet", "form label", "form button", ".pill" }) (await ContrastAsync(selector)).ShouldBeGreaterThanOrEqualTo(4.5, $"{selector} in {scheme}");
    }

    [SkippableFact]
    public async Task Page_OnATelephone_NeedsNoScrollingSideways()
    {
        Skip.If(Chromium.Missing is not null, Chromium.Missing);

        await Browser.ResizeAsync(360, 740);

        (await Browser.EvaluateAsync("document.documentElement.scrollWidth")).GetInt32().ShouldBeLessThanOrEqualTo(360);
    }

    private async Task ReachAsync(string condition)
    {
        for (var i = 0; i < 60; i++)
        {
            await Browser.PressAsync("Tab");
            if ((await Browser.EvaluateAsync(condition)).GetBoolean()) return;
        }

        throw new TimeoutException($"60 times Tab did not lead to: {condition}");
    }

    // Colours through a canvas: whatever notation the style has, out come red, green, blue and alpha. Luminance and contrast as WCAG 2.2 defines them.
    private const string Colours = """
        const rgba = colour => { const c = new OffscreenCanvas(1, 1).getContext('2d'); c.fillStyle = colour; c.fillRect(0, 0, 1, 1); return c.getImageData(0, 0, 1, 1).data; };
        const luminance = colour => { const [r, g, b] = [...rgba(colour)].map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const behind = node => { for (; node; node = node.parentElement) { const c = getComputedStyle(node).backgroundColor; if (rgba(c)[3] === 255) return c; } return getComputedStyle(document.documentElement).colorScheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#fff'; };
        """;

    private async Task<double> LuminanceAsync(params string[] colours) => (await Browser.EvaluateAsync($"(() => {{ {Colours} return luminance([{string.Join(",", colours)}].find(c => rgba(c)[3] === 255) ?? behind(document.body)); }})()")).GetDouble();

    private async Task<double> ContrastAsync(string selector) => (await Browser.EvaluateAsync($$"""
        (() => { {{Colours}} const n = document.querySelector('{{selector}}'); const [a, b] = [luminance(getComputedStyle(n).color), luminance(behind(n))].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); })()
        """)).GetDouble();
}
