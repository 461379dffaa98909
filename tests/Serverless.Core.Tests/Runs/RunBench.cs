using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Runs;

/// <summary>A store with a clock, and processes (engines) that share it.</summary>
internal sealed class RunBench : IDisposable
{
    private readonly List<ServiceProvider> processes = [];

    public RunBench() => Store = new LocalStore(Time, new SeededIds(7));

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public LocalStore Store { get; }

    /// <summary>A process whose steps do as the test says; with a fuse it dies at one of its calls.</summary>
    public RunEngine Process(Func<string, RunContext<ErrandState>, CancellationToken, Task<Step<ErrandState>>> step, Fuse? fuse = null, int seed = 1)
    {
        var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IdSource>(new SeededIds(seed))
            .AddSingleton(fuse is null ? Store.Records : new MortalRecords(Store.Records, fuse))
            .AddSingleton(fuse is null ? Store.Queue : new MortalQueue(Store.Queue, fuse))
            .AddSingleton<IRunDefinition<ErrandState>>(new Errand(step))
            .AddRuns()
            .AddRun<ErrandState, Errand>()
            .BuildServiceProvider();
        processes.Add(services);
        return services.GetRequiredService<RunEngine>();
    }

    public RunEngine Process(int seed = 1) => Process((_, c, _) => Errand.Go(c), seed: seed);

    /// <summary>Works until the run has ended, letting time pass where there is nothing to do.</summary>
    public async Task<RunRecord> FinishAsync(RunEngine engine, string id)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (await engine.FindAsync(id) is { Status: not RunStatus.Running } ended) return ended;
            if (await engine.WorkOnceAsync()) continue;
            Time.Advance(TimeSpan.FromSeconds(5));
            if (i % 100 == 99) await engine.RecoverAsync();
        }

        throw new TimeoutException($"run '{id}' did not end");
    }

    /// <summary>Receives what is left in the queue until nothing is.</summary>
    public async Task DrainAsync(RunEngine engine)
    {
        for (var i = 0; i < 200 && await Store.Queue.CountAsync(StoreNames.Queues.Work) > 0; i++)
        {
            if (!await engine.WorkOnceAsync()) Time.Advance(TimeSpan.FromSeconds(5));
        }
    }

    public Task<int> PoisonAsync() => Store.Queue.CountAsync(StoreNames.Queues.WorkPoison);

    public Task<int> WaitingAsync() => Store.Queue.CountAsync(StoreNames.Queues.Work);

    public void Dispose()
    {
        processes.ForEach(p => p.Dispose());
        Store.Dispose();
    }
}
