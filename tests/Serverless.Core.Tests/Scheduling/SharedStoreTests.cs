using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.Core.Tests.Runs;
using Serverless.Runs;
using Serverless.Scheduling;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Scheduling;

/// <summary>Several hosts over one store share the work; stopping or losing one loses nothing. On the real clock.</summary>
public sealed class SharedStoreTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly LocalStore store = new();
    private readonly ConcurrentQueue<(int Host, string Step)> taken = new();

    public void Dispose() => store.Dispose();

    [Fact]
    public async Task Work_ThreeHosts_ShareItAndEachStepIsTakenOnce()
    {
        await using var starter = Host(0, 0);
        var ids = new List<string>();
        for (var i = 0; i < 40; i++) ids.Add(await starter.GetRequiredService<IRunEngine>().StartAsync(new ErrandState($"{i}")));

        await using var one = Host(1);
        await using var two = Host(2);
        await using var three = Host(3);
        var hosts = new[] { one, two, three };
        foreach (var host in hosts) await Workers(host).StartAsync(default);
        await UntilAsync(() => EndedAsync(starter, ids));
        foreach (var host in hosts) await Workers(host).StopAsync(default);

        taken.Select(t => t.Step).Order().ShouldBe(ids.SelectMany(id => new[] { "asked", "bought", "carried" }.Select(s => $"{id} {s}")).Order());
        taken.Select(t => t.Host).Distinct().Order().ShouldBe([1, 2, 3]);
        (await store.Queue.CountAsync(StoreNames.Queues.Work), await store.Queue.CountAsync(StoreNames.Queues.WorkPoison)).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Stop_StepLongerThanTheGrace_IsCancelledAndFinishedByAnother()
    {
        var inside = new TaskCompletionSource();
        await using var slow = Host(1, 1, async cancel =>
        {
            inside.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancel);
        });
        var id = await slow.GetRequiredService<IRunEngine>().StartAsync(new ErrandState("milk"));
        await Workers(slow).StartAsync(default);
        await inside.Task.WaitAsync(Patience);

        await Workers(slow).StopAsync(default).WaitAsync(Patience);
        var left = (await slow.GetRequiredService<IRunEngine>().FindAsync(id))!;
        (left.Status, left.HeldBy, left.Failures).ShouldBe((RunStatus.Running, null, 0));

        await using var other = Host(2);
        await Workers(other).StartAsync(default);
        await UntilAsync(() => EndedAsync(other, [id]));
        await Workers(other).StopAsync(default);
        taken.Last().Host.ShouldBe(2);
    }

    private ServiceProvider Host(int number, int workers = 2, Func<CancellationToken, Task>? work = null) => new ServiceCollection()
        .AddSingleton(TimeProvider.System)
        .AddSingleton(IdSource.System)
        .AddSingleton(store.Records).AddSingleton(store.Queue)
        .AddSingleton(new SchedulingOptions { Workers = workers, StopGrace = TimeSpan.FromMilliseconds(200) })
        .AddSingleton<IRunDefinition<ErrandState>>(new Errand(async (state, c, cancel) =>
        {
            taken.Enqueue((number, $"{c.RunId} {state}"));
            await (work?.Invoke(cancel) ?? Task.Delay(5, cancel));
            return await Errand.Go(c);
        }))
        .AddRuns()
        .AddRun<ErrandState, Errand>()
        .AddHostedService<WorkersHost>()
        .BuildServiceProvider();

    private static IHostedService Workers(ServiceProvider host) => host.GetServices<IHostedService>().Single();

    private static async Task<bool> EndedAsync(ServiceProvider host, IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            if ((await host.GetRequiredService<IRunEngine>().FindAsync(id))!.Status == RunStatus.Running) return false;
        }

        return true;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await condition()) return;
            await Task.Delay(100);
        }

        throw new TimeoutException("the condition never held");
    }
}
