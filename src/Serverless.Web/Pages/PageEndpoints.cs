using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Scalar.AspNetCore;
using Serverless.Web.Access;

namespace Serverless.Web.Pages;

/// <summary>The pages for people: <c>/</c> (what runs here, and a form for each model) and <c>/docs</c> (Scalar on the OpenAPI document). Both bring all they need: no other host is asked.</summary>
internal static class PageEndpoints
{
    private const string OwnPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // Scalar writes its own inline script and styles; it may still load from and talk to this server only.
    private const string DocsPolicy =
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'";

    private static readonly ConcurrentDictionary<string, byte[]> Files = new(StringComparer.Ordinal);

    public static void Map(Mapping map)
    {
        map.Get("/", Scope.Open, () => context => SendAsync(context, "index.html", "text/html; charset=utf-8"));
        map.Get("/assets/app.css", Scope.Open, () => context => SendAsync(context, "app.css", "text/css; charset=utf-8"));
        map.Get("/assets/app.js", Scope.Open, () => context => SendAsync(context, "app.js", "text/javascript; charset=utf-8"));
        map.Get("/favicon.ico", Scope.Open, () => context => SendAsync(context, "icon.svg", "image/svg+xml"));
        map.Get("/docs/{**page}", Scope.Open, () => Docs(map.Routes.ServiceProvider));
    }

    // A pipeline of its own, made when the page is first asked for: mapped beside the others, it would be compiled at the first prediction of every cold start.
    private static RequestDelegate Docs(IServiceProvider services)
    {
        var app = new ApplicationBuilder(services);
        app.UseRouting();
        app.UseEndpoints(endpoints => endpoints.MapScalarApiReference("/docs", options =>
        {
            options.Title = "Serverless API";
            options.OpenApiRoutePattern = "/openapi/{documentName}.json";
            options.DefaultFonts = false;
            options.Telemetry = false;
            options.HideClientButton = true;
            options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            options.Agent = new ScalarAgentOptions { Disabled = true };
            options.Mcp = new ScalarMcpOptions { Disabled = true };
            options.Favicon = "/favicon.ico";
        }));
        var pipeline = app.Build();
        return context =>
        {
            Secure(context.Response, DocsPolicy);
            context.SetEndpoint(null);
            context.Request.RouteValues.Clear();
            return pipeline(context);
        };
    }

    private static async Task SendAsync(HttpContext context, string file, string type)
    {
        var bytes = Files.GetOrAdd(file, Read);
        Secure(context.Response, OwnPolicy);
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private static void Secure(HttpResponse response, string policy)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
    }

    private static byte[] Read(string file)
    {
        using var stream = typeof(PageEndpoints).Assembly.GetManifestResourceStream($"pages/{file}")!;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
