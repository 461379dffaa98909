using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Core.Tests.Runs;
using Serverless.Runs;
using Serverless.Storage;

namespace Serverless.Sources.Tests;

/// <summary>The process dies at its n-th call to the store, for every n: another one finishes the pull, and each row is there once.</summary>
public sealed class KilledPullTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pull_ProcessDiesAnywhere_NoRowIsLostOrDoubled(bool after)
    {
        await using var server = await TestServer.StartAsync(c =>
        {
            var since = int.Parse(c.Request.Query["after"]!);
            return c.Response.WriteAsync("[" + string.Join(',', Enumerable.Range(since + 1, Math.Max(0, 3 - since)).Select(i => $"{{\"id\":{i},\"at\":\"2026-03-01T10:00:00Z\",\"amount\":{i}}}")) + "]");
        });
        // The first calls one by one, the later ones by fives, from another start before and after: all of them would take minutes.
        for (var at = 1; ; at += at < 6 ? 1 : after ? 4 : 5)
        {
            var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
            using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/o?after={{since}}\", format: json, since: {{ column: id, first: 0 }} }}", time);
            var fuse = new Fuse(at, after);
            await Record.ExceptionAsync(() => fixture.PullAsync(process: fixture.Process(s => s
                .Replace(ServiceDescriptor.Singleton<IRecordStore>(new MortalRecords(fixture.Records, fuse)))
                .Replace(ServiceDescriptor.Singleton<IObjectStore>(new MortalObjects(fixture.Objects, fuse))))));

            // The hold of the dead process runs out; whoever is there goes on with its runs, then pulls anew.
            time.Advance(TimeSpan.FromMinutes(1));
            var healthy = fixture.Process();
            var engine = healthy.GetRequiredService<IRunEngine>();
            foreach (var run in await engine.ListAsync().Where(r => r.Status == RunStatus.Running).Reverse().ToListAsync()) (await engine.DriveAsync(run.Id)).Status.ShouldBe(RunStatus.Done, $"{at}");
            (await fixture.PullAsync(process: healthy)).Status.ShouldBeOneOf([PullStatus.Stored, PullStatus.NothingNew], $"{at}");
            (await fixture.PullAsync(process: healthy)).Until.ShouldBe("3", $"{at}");

            (await fixture.RowsAsync()).ShouldBe(["1", "2", "3"], $"died at call {at}");
            (await fixture.CommitsAsync()).ShouldHaveSingleItem($"{at}").By.ShouldBe("pull:shop");
            if (!fuse.Blown) return;
        }
    }

    [Fact]
    public async Task Pull_EndedBeforeItsMarkWasKept_TheNextKnowsFromTheHistory()
    {
        await using var server = await TestServer.StartAsync(c =>
        {
            var since = int.Parse(c.Request.Query["after"]!);
            return c.Response.WriteAsync("[" + string.Join(',', Enumerable.Range(since + 1, 2).Select(i => $"{{\"id\":{i},\"at\":\"2026-03-01T10:00:00Z\"}}")) + "]");
        });
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/o?after={{since}}\", format: json, since: {{ column: id, first: 0 }} }}");
        var process = fixture.Process();
        var id = await process.GetRequiredService<IPullScheduler>().AskAsync("orders", "shop", "cli:test", "test");
        var steps = process.GetRequiredService<IRunDefinition<PullState>>().Transitions;
        var record = (await process.GetRequiredService<IRunEngine>().FindAsync(id))!;
        var state = System.Text.Json.JsonSerializer.Deserialize<PullState>(record.Data, ServerlessJson.Options)!;
        foreach (var step in steps.Take(2)) state = (await step.StepAsync(new RunContext<PullState>(id, state, 1, null) { CreatedAt = record.CreatedAt }, CancellationToken.None)).State!;
        (await fixture.RowsAsync()).ShouldBe(["1", "2"]);
        // Somebody gave the run up: its record says failed, and its mark was never kept.
        var stored = (await fixture.Records.GetAsync("runs", "pull", id))!;
        await fixture.Records.UpsertAsync("runs", "pull", id, stored.Json.Replace("\"running\"", "\"failed\"", StringComparison.Ordinal));

        (await fixture.PullAsync(process: process)).Until.ShouldBe("4");

        (await fixture.RowsAsync()).ShouldBe(["1", "2", "3", "4"]);
    }

    [Fact]
    public async Task Pull_WhileAnotherIsUnderWay_WaitsForIt()
    {
        using var fixture = new SourceFixture("  - { name: shop, kind: folder, path: in }");
        Directory.CreateDirectory(fixture.Folder["in"]);
        var process = fixture.Process();
        var first = await process.GetRequiredService<IPullScheduler>().AskAsync("orders", "shop", "cli:test", "test");
        var step = process.GetRequiredService<IRunDefinition<PullState>>().Transitions[0];
        var state = new PullState { Dataset = "orders", Source = "shop", At = DateTimeOffset.UtcNow, By = "test", Reason = "test" };
        await step.StepAsync(new RunContext<PullState>(first, state, 1, null), CancellationToken.None);

        var other = await step.StepAsync(new RunContext<PullState>("pull-20260301000000-other", state, 1, null), CancellationToken.None);

        (other.Kind, other.Reason).ShouldBe((StepKind.Later, "another pull of 'shop' is under way"));
    }
}
