using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.Runs;
using Serverless.Scheduling;

namespace Serverless.Sources.Tests;

/// <summary>A source that does not answer keeps nobody else waiting.</summary>
public sealed class WorkerTests
{
    [Fact]
    public async Task Up_OneWorkerAndAHangingSource_OtherRunsGoOn()
    {
        using var hang = new CancellationTokenSource();
        await using var server = await TestServer.StartAsync(async c =>
        {
            if (c.Request.Path == "/slow.csv") await Task.Delay(Timeout.Infinite, CancellationTokenSource.CreateLinkedTokenSource(hang.Token, c.RequestAborted).Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            else await c.Response.WriteAsync("id,at,amount\n1,2026-03-01T10:00:00Z,1.5\n");
        });
        using var fixture = new SourceFixture($"  - {{ name: slow, kind: http, url: \"{server.Url}/slow.csv\" }}\n  - {{ name: quick, kind: http, url: \"{server.Url}/quick.csv\" }}");
        var process = fixture.Process(s => s.AddSingleton(new SchedulingOptions { Workers = 1 }).AddScheduling());
        var pulls = process.GetRequiredService<IPullScheduler>();
        var workers = process.GetServices<IHostedService>().Single(h => h.GetType().Name == "WorkersHost");
        await workers.StartAsync(CancellationToken.None);

        await pulls.AskAsync("orders", "slow", "cli:test", "test");
        for (var i = 0; i < 600 && server.Requests.IsEmpty; i++) await Task.Delay(50);
        server.Requests.ShouldNotBeEmpty();
        var quick = await pulls.AskAsync("orders", "quick", "cli:test", "test");
        var runs = process.GetRequiredService<IRunEngine>();
        for (var i = 0; i < 600 && (await runs.FindAsync(quick))!.Status == RunStatus.Running; i++) await Task.Delay(50);

        (await runs.FindAsync(quick))!.Status.ShouldBe(RunStatus.Done);
        (await runs.ListAsync("pull").FirstAsync(r => r.Id != quick)).Status.ShouldBe(RunStatus.Running);
        await hang.CancelAsync();
        await workers.StopAsync(CancellationToken.None);
        (await fixture.CommitsAsync()).ShouldHaveSingleItem().By.ShouldBe("pull:quick");
    }
}
