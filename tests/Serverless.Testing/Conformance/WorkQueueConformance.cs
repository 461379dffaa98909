using Serverless.Problems;
using Serverless.Storage;
using Shouldly;
using Xunit;

namespace Serverless.Testing.Conformance;

/// <summary>What every work queue does. A test class derives from it for each adapter; each test starts with empty queues.</summary>
public abstract class WorkQueueConformance : IAsyncLifetime
{
    private const string Work = StoreNames.Queues.Work;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    protected abstract IWorkQueue Queue { get; }

    /// <summary>Lets so much time go by for the queue: a fake clock jumps, a real one is waited for.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    /// <summary>Empties the queues, where tests share a store; a store that cannot be had does nothing here, for the test itself skips.</summary>
    public virtual Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.CompletedTask;

    [SkippableFact]
    public async Task Enqueue_Message_IsReceivedOnceAndCompleted()
    {
        await Queue.EnqueueAsync(Work, """{"run":"train-1 é日"}""");
        (await Queue.CountAsync(Work)).ShouldBe(1);
        var message = await OneAsync(Long);
        message.Body.ShouldBe("""{"run":"train-1 é日"}""");
        message.Deliveries.ShouldBe(1);
        (await Queue.ReceiveAsync(Work, 1, Long)).ShouldBeEmpty();
        (await Queue.CountAsync(Work)).ShouldBe(1);
        (await Queue.CompleteAsync(message)).ShouldBeTrue();
        (await Queue.CompleteAsync(message)).ShouldBeFalse();
        (await Queue.CountAsync(Work)).ShouldBe(0);
    }

    [SkippableFact]
    public async Task Receive_Empty_ReturnsAtOnce() => (await Queue.ReceiveAsync(Work, 8, Long)).ShouldBeEmpty();

    [SkippableFact]
    public async Task Receive_Several_UpToMax()
    {
        for (var i = 0; i < 5; i++) await Queue.EnqueueAsync(Work, $"{i}");
        var some = await Queue.ReceiveAsync(Work, 3, Long);
        var rest = await Queue.ReceiveAsync(Work, 32, Long);
        (some.Count, rest.Count).ShouldBe((3, 2));
        some.Concat(rest).Select(m => m.Body).Order().ShouldBe(["0", "1", "2", "3", "4"]);
    }

    [SkippableFact]
    public async Task Receive_EightWorkers_EachMessageGoesToOne()
    {
        for (var i = 0; i < 60; i++) await Queue.EnqueueAsync(Work, $"{i}");
        var received = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var mine = new List<string>();
            while (await Queue.ReceiveAsync(Work, 3, Long) is { Count: > 0 } messages)
            {
                mine.AddRange(messages.Select(m => m.Body));
                foreach (var message in messages) (await Queue.CompleteAsync(message)).ShouldBeTrue();
            }

            return mine;
        })));
        received.SelectMany(r => r).Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 60).Select(i => $"{i}").Order(StringComparer.Ordinal));
        (await Queue.CountAsync(Work)).ShouldBe(0);
    }

    [SkippableFact]
    public async Task Visibility_Over_MessageComesBackAndTheFirstReceiverHasLostIt()
    {
        await Queue.EnqueueAsync(Work, "a");
        var first = await OneAsync(Short);
        await PassAsync(Short * 2);
        var second = await OneAsync(Long);
        second.Deliveries.ShouldBe(2);
        second.Id.ShouldBe(first.Id);
        (await Queue.CompleteAsync(first)).ShouldBeFalse();
        (await Queue.RenewAsync(first, Long)).ShouldBeNull();
        (await Queue.CountAsync(Work)).ShouldBe(1);
        (await Queue.CompleteAsync(second)).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Renew_InTime_KeepsItInvisible()
    {
        await Queue.EnqueueAsync(Work, "a");
        var message = await OneAsync(Short * 2);
        var renewed = await Queue.RenewAsync(message, Long);
        renewed.ShouldNotBeNull();
        renewed.Body.ShouldBe("a");
        await PassAsync(Short * 3);
        (await Queue.ReceiveAsync(Work, 1, Long)).ShouldBeEmpty();
        (await Queue.CompleteAsync(message)).ShouldBeFalse();
        (await Queue.CompleteAsync(renewed)).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Renew_ForAShortWhile_BringsItBackSoon()
    {
        await Queue.EnqueueAsync(Work, "a");
        await Queue.RenewAsync(await OneAsync(Long), Short);
        await PassAsync(Short * 2);
        (await OneAsync(Long)).Deliveries.ShouldBe(2);
    }

    [SkippableFact]
    public async Task Enqueue_Delayed_IsInvisibleUntilThen()
    {
        await Queue.EnqueueAsync(Work, "later", Short * 5); // long enough for a slow machine to look before
        (await Queue.ReceiveAsync(Work, 1, Long)).ShouldBeEmpty();
        (await Queue.CountAsync(Work)).ShouldBe(1);
        await PassAsync(Short * 6);
        (await OneAsync(Long)).Body.ShouldBe("later");
    }

    [SkippableFact]
    public async Task Receive_SixthTime_GoesToPoisonInstead()
    {
        await Queue.EnqueueAsync(Work, "bad");
        for (var i = 1; i <= IWorkQueue.MaxDeliveries; i++)
        {
            (await OneAsync(Short)).Deliveries.ShouldBe(i);
            await PassAsync(Short * 2);
        }

        (await Queue.ReceiveAsync(Work, 1, Long)).ShouldBeEmpty();
        (await Queue.CountAsync(Work)).ShouldBe(0);
        var poison = (await Queue.ReceiveAsync(StoreNames.Queues.WorkPoison, 1, Long)).ShouldHaveSingleItem();
        poison.Body.ShouldBe("bad");
        (await Queue.CompleteAsync(poison)).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Limits_Passed_AreRefused()
    {
        (await Should.ThrowAsync<RequestException>(() => Queue.EnqueueAsync(Work, new string('x', QueueRule.MaxBodyBytes + 1)))).Message.ShouldContain("Messages carry ids, not data");
        (await Should.ThrowAsync<RequestException>(() => Queue.EnqueueAsync("wrok", "a"))).Message.ShouldBe("'wrok' is not a queue. Did you mean 'work'?");
        await Should.ThrowAsync<RequestException>(() => Queue.EnqueueAsync(Work, "a", TimeSpan.FromDays(8)));
        await Should.ThrowAsync<RequestException>(() => Queue.ReceiveAsync(Work, 33, Long));
        await Should.ThrowAsync<RequestException>(() => Queue.ReceiveAsync(Work, 1, TimeSpan.FromMilliseconds(10)));
        await Queue.EnqueueAsync(Work, new string('x', QueueRule.MaxBodyBytes));
        (await OneAsync(Long)).Body.Length.ShouldBe(QueueRule.MaxBodyBytes);
    }

    private async Task<WorkMessage> OneAsync(TimeSpan visibility) => (await Queue.ReceiveAsync(Work, 1, visibility)).ShouldHaveSingleItem();
}
