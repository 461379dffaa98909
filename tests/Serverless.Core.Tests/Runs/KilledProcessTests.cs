using System.Collections.Concurrent;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Runs;

/// <summary>A process dies at its n-th call to a store, for every n, before the call takes effect or just after. Another one finishes the run: each step's work stands once.</summary>
public sealed class KilledProcessTests : IDisposable
{
    private readonly RunBench bench = new();
    private readonly ConcurrentQueue<string> written = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Work_ProcessDiesAnywhere_AnotherFinishesOnce(bool after)
    {
        for (var at = 1; ; at++)
        {
            var fuse = new Fuse(at, after);
            var id = await bench.Process(seed: 1000 + at).StartAsync(new ErrandState("milk"));
            var mortal = bench.Process(WriteOnceAsync, fuse, seed: at);
            await Record.ExceptionAsync(async () => { while (await mortal.WorkOnceAsync()) { } });
            await EndsOnceAsync(id);
            if (!fuse.Blown) return;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Drive_ProcessDiesAnywhere_AnotherFinishesOnce(bool after)
    {
        for (var at = 1; ; at++)
        {
            var fuse = new Fuse(at, after);
            var id = RunIds.Derived("errand", bench.Time.GetUtcNow(), "milk", $"{at}");
            var mortal = bench.Process(WriteOnceAsync, fuse, seed: at);
            await Record.ExceptionAsync(async () =>
            {
                await mortal.StartAsync(new ErrandState("milk"), id);
                await mortal.DriveAsync(id);
            });

            // Whoever asked asks again, as a blob trigger or a person would.
            bench.Time.Advance(TimeSpan.FromMinutes(1));
            await bench.Process().StartAsync(new ErrandState("milk"), id);
            await EndsOnceAsync(id);
            if (!fuse.Blown) return;
        }
    }

    [Fact]
    public async Task Start_DiesBeforeTheMessage_RecoveryFindsTheRun()
    {
        await Record.ExceptionAsync(() => bench.Process(WriteOnceAsync, new Fuse(1, after: true)).StartAsync(new ErrandState("milk")));
        var engine = bench.Process(WriteOnceAsync);
        var run = (await engine.ListAsync().ToListAsync()).ShouldHaveSingleItem();
        (await bench.WaitingAsync()).ShouldBe(0);

        (await engine.RecoverAsync()).ShouldBe(0); // too early to say
        bench.Time.Advance(TimeSpan.FromMinutes(11));
        (await engine.RecoverAsync()).ShouldBe(1);
        (await engine.RecoverAsync()).ShouldBe(0);

        await EndsOnceAsync(run.Id);
    }

    [Fact]
    public async Task Work_StepKillsEveryProcess_RunFailsInTheEnd()
    {
        var id = await bench.Process().StartAsync(new ErrandState("milk"));
        for (var i = 0; i < 5; i++)
        {
            var fuse = new Fuse(int.MaxValue, after: false);
            var mortal = bench.Process((_, _, _) => throw fuse.Blow(), fuse);
            for (; !fuse.Blown; bench.Time.Advance(TimeSpan.FromSeconds(5))) await Record.ExceptionAsync(async () => { await mortal.WorkOnceAsync(); });
        }

        var run = await bench.FinishAsync(bench.Process(), id);

        run.Status.ShouldBe(RunStatus.Failed);
        run.Reason.ShouldBe("state 'asked' was begun 5 times and came to nothing; the last time: the process ended each time");
    }

    private async Task EndsOnceAsync(string id)
    {
        var healthy = bench.Process(WriteOnceAsync, seed: 999);
        var run = await bench.FinishAsync(healthy, id);
        await bench.DrainAsync(healthy);

        (run.Status, run.State).ShouldBe((RunStatus.Done, "done"));
        written.ToArray().ShouldBe([$"{id}/asked", $"{id}/bought", $"{id}/carried"]);
        (await bench.WaitingAsync(), await bench.PoisonAsync()).ShouldBe((0, 0));
        written.Clear();
    }

    /// <summary>A step as they all are: its work is put if absent, so a second time finds it there.</summary>
    private async Task<Step<ErrandState>> WriteOnceAsync(string state, RunContext<ErrandState> context, CancellationToken cancel)
    {
        var key = $"{context.RunId}/{state}";
        if (await bench.Store.Objects.PutIfAbsentAsync($"{StoreNames.Containers.Runs}/{key}", ObjectText.Of(state), cancel) is not null) written.Enqueue(key);
        return await Errand.Go(context);
    }
}
