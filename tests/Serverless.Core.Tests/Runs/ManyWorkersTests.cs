using System.Collections.Concurrent;
using Serverless.Runs;
using Serverless.Storage;

namespace Serverless.Core.Tests.Runs;

public sealed class ManyWorkersTests : IDisposable
{
    private readonly RunBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Work_EightWorkersRepeatedAndReorderedMessages_EachStepIsTakenOnce()
    {
        var taken = new ConcurrentDictionary<string, int>();
        RunEngine Worker(int seed) => bench.Process(async (state, c, cancel) =>
        {
            taken.AddOrUpdate($"{c.RunId} {state}", 1, (_, n) => n + 1);
            await Task.Yield();
            return await Errand.Go(c);
        }, seed: seed);

        var first = Worker(100);
        var ids = new List<string>();
        for (var i = 0; i < 20; i++) ids.Add(await first.StartAsync(new ErrandState($"{i}")));

        // Each message three times, in another order.
        foreach (var id in ids.Concat(ids.AsEnumerable().Reverse())) await bench.Store.Queue.EnqueueAsync(StoreNames.Queues.Work, $$"""{"run":"{{id}}"}""");

        // Time passes only when all are idle, so that nobody's hold runs out.
        var workers = Enumerable.Range(1, 8).Select(Worker).ToArray();
        for (var round = 0; round < 50 && await bench.WaitingAsync() > 0; round++)
        {
            await Task.WhenAll(workers.Select(w => Task.Run(async () => { while (await w.WorkOnceAsync()) { } })));
            bench.Time.Advance(TimeSpan.FromSeconds(31));
        }

        foreach (var id in ids) (await first.FindAsync(id))!.Status.ShouldBe(RunStatus.Done);
        taken.Count.ShouldBe(60);
        taken.Values.ShouldAllBe(n => n == 1);
        (await bench.WaitingAsync(), await bench.PoisonAsync()).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Work_AnotherHoldsTheRun_ComesBackLaterWithoutTouchingIt()
    {
        var inside = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var slow = bench.Process(async (_, c, cancel) =>
        {
            inside.TrySetResult();
            await go.Task.WaitAsync(cancel);
            return await Errand.Go(c);
        });
        var id = await slow.StartAsync(new ErrandState("milk"));
        var driving = slow.DriveAsync(id);
        await inside.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var taken = 0;
        var other = bench.Process((_, c, _) => { taken++; return Errand.Go(c); }, seed: 2);
        (await other.WorkOnceAsync()).ShouldBeTrue();
        taken.ShouldBe(0);
        (await bench.WaitingAsync()).ShouldBe(1);

        // A long step stays held as long as its process lives.
        for (var i = 0; i < 12; i++)
        {
            var before = (await other.FindAsync(id))!.HeldUntil;
            bench.Time.Advance(TimeSpan.FromSeconds(10));
            await UntilAsync(async () => (await other.FindAsync(id))!.HeldUntil > before);
            while (await other.WorkOnceAsync()) { }
        }

        taken.ShouldBe(0);
        go.SetResult();
        (await driving).Status.ShouldBe(RunStatus.Done);
    }

    [Fact]
    public async Task Step_HoldLost_IsCancelledAndItsOutcomeDropped()
    {
        var inside = new TaskCompletionSource();
        var slow = bench.Process(async (_, c, cancel) =>
        {
            inside.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancel);
            return await Errand.Go(c);
        });
        var id = await slow.StartAsync(new ErrandState("milk"));
        var working = slow.WorkOnceAsync();
        await inside.Task.WaitAsync(TimeSpan.FromSeconds(30));

        // Somebody else changed the record, as after a long sleep of this process.
        var stored = (await bench.Store.Records.GetAsync(StoreNames.Tables.Runs, "errand", id))!;
        await bench.Store.Records.UpsertAsync(StoreNames.Tables.Runs, "errand", id, stored.Json.Replace("\"state\":\"asked\"", "\"state\":\"bought\"").Replace("\"heldUntil\"", "\"was\""));
        bench.Time.Advance(TimeSpan.FromSeconds(10));

        (await working.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        (await slow.FindAsync(id))!.State.ShouldBe("bought");
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (await condition()) return;
            await Task.Delay(20);
        }

        throw new TimeoutException("the condition never held");
    }
}
