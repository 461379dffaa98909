using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Serverless.Sources.Tests;

/// <summary>A source on the loopback that counts: what it was asked, when, and how many requests it served at the same time.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private int now;
    private int most;

    private TestServer(WebApplication app) => this.app = app;

    public string Url => app.Urls.First();

    public ConcurrentQueue<(string Path, TimeSpan At, IHeaderDictionary Headers)> Requests { get; } = new();

    /// <summary>Most requests at the same time so far.</summary>
    public int MostAtOnce => most;

    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    public static async Task<TestServer> StartAsync(Func<HttpContext, Task>? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new TestServer(app);
        if (answer is not null) server.Answer = answer;
        var clock = Stopwatch.StartNew();
        app.Run(async context =>
        {
            var present = Interlocked.Increment(ref server.now);
            for (var seen = server.most; present > seen && Interlocked.CompareExchange(ref server.most, present, seen) != seen; seen = server.most) { }
            server.Requests.Enqueue((context.Request.Path + context.Request.QueryString, clock.Elapsed, new HeaderDictionary(context.Request.Headers.ToDictionary())));
            try
            {
                await server.Answer(context);
            }
            finally
            {
                Interlocked.Decrement(ref server.now);
            }
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>Most requests that began within any stretch of a length.</summary>
    public int MostWithin(TimeSpan length)
    {
        var times = Requests.Select(r => r.At).Order().ToArray();
        return times.Max(t => times.Count(other => other >= t && other < t + length));
    }

    /// <summary>Sends fewer bytes than it promised, then cuts the connection.</summary>
    public static async Task CutAsync(HttpContext context, string text, int after)
    {
        context.Response.ContentLength = text.Length;
        await context.Response.WriteAsync(text[..after]); // Kestrel closes the connection then
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
