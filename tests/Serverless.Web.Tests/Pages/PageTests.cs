using System.Net;

namespace Serverless.Web.Tests.Pages;

public sealed class PageTests : IAsyncLifetime
{
    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/assets/app.js", "text/javascript")]
    [InlineData("/assets/app.css", "text/css")]
    [InlineData("/favicon.ico", "image/svg+xml")]
    [InlineData("/docs", "text/html")]
    public async Task Page_Always_HasItsTypeAndSecurityHeaders(string path, string type)
    {
        using var response = await host.Client.GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        response.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem().ShouldContain("connect-src 'self'");
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        response.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/docs")]
    public async Task Page_Always_AsksNoOtherHost(string path)
    {
        var html = await host.Client.GetStringAsync(path);
        System.Text.RegularExpressions.Regex.Matches(html, "(?:src|href)=\"(https?:)?//").ShouldBeEmpty();
    }
}
