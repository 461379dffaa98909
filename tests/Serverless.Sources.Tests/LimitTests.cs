using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.Sources.Tests;

/// <summary>A source is never asked harder than its limit allows, by all processes of one store together: counted by the source itself.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Pull_SixSourcesOfThreeProcesses_StayWithinSharedConcurrencyAndRate()
    {
        await using var server = await TestServer.StartAsync(async c =>
        {
            await Task.Delay(30);
            var page = int.Parse(c.Request.Query["page"]!);
            await c.Response.WriteAsync(page > 2 ? "[]" : $"[{{\"id\":{page},\"at\":\"2026-03-01T10:00:00Z\",\"who\":\"{c.Request.Path}\"}}]");
        });
        var sources = string.Join('\n', Enumerable.Range(1, 6).Select(i =>
            $"  - {{ name: s{i}, kind: http, url: \"{server.Url}/s{i}\", format: json, paging: {{ by: page, parameter: page }}, limit: {{ requests: 5, per: 1s, concurrency: 2, share: api }} }}"));
        using var fixture = new SourceFixture(sources);
        var processes = Enumerable.Range(0, 3).Select(_ => fixture.Process()).ToArray();

        var reports = await Task.WhenAll(Enumerable.Range(1, 6).Select(i => Task.Run(() => fixture.PullAsync($"s{i}", processes[i % 3]))));

        reports.ShouldAllBe(r => r.Status == PullStatus.Stored, string.Join('\n', reports.Select(r => r.Reason)));
        server.Requests.Count.ShouldBe(18); // three pages each
        server.MostAtOnce.ShouldBe(2);
        server.MostWithin(TimeSpan.FromSeconds(1)).ShouldBeLessThanOrEqualTo(5);
    }

    [Fact]
    public async Task Enter_AProcessDiedWithItsPlace_ItIsFreeAgainAfterAWhile()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(50) };
        using var fixture = new SourceFixture("  - { name: shop, kind: folder, path: in }", time);
        var source = fixture.Process().GetRequiredService<Serverless.Workspaces.Workspace>().Dataset("orders").Source("shop");
        await fixture.Process().GetRequiredService<ISourceLimits>().EnterAsync("orders", source, "dead", TimeSpan.FromMinutes(1)); // never given back

        var waits = fixture.Process().GetRequiredService<ISourceLimits>().EnterAsync("orders", source, "pull", TimeSpan.FromMinutes(1));
        for (var i = 0; i < 400 && !waits.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2);
            if (i < 20) waits.IsCompleted.ShouldBeFalse();
        }

        waits.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task Enter_ClockJumpsBackADay_WaitsForTheWindowAndNotForADay()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var fixture = new SourceFixture("  - { name: shop, kind: folder, path: in, limit: { requests: 1, per: 1m } }", time);
        var limits = fixture.Process().GetRequiredService<ISourceLimits>();
        var source = fixture.Process().GetRequiredService<Serverless.Workspaces.Workspace>().Dataset("orders").Source("shop");
        await (await limits.EnterAsync("orders", source, "pull", TimeSpan.FromMinutes(1))).DisposeAsync();
        time.AdjustTime(time.GetUtcNow().AddDays(-1));

        var waits = limits.EnterAsync("orders", source, "pull", TimeSpan.FromMinutes(1));
        var waited = TimeSpan.Zero;
        for (; !waits.IsCompleted && waited < TimeSpan.FromMinutes(10); waited += TimeSpan.FromSeconds(5))
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(5);
        }

        waits.IsCompletedSuccessfully.ShouldBeTrue();
        waited.ShouldBeInRange(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3));
    }
}
