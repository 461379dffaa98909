using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Storage;

namespace Serverless.Core.Tests.Runs;

public sealed class RunEngineTests : IDisposable
{
    private readonly RunBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task WorkOnce_EachMessage_MovesTheRunOneStep()
    {
        var engine = bench.Process();
        var id = await engine.StartAsync(new ErrandState("milk"));
        id.ShouldMatch("^errand-20260301120000-[0-9a-z]{6}$");

        var states = new List<string>();
        while (await engine.WorkOnceAsync()) states.Add((await engine.FindAsync(id))!.State);

        states.ShouldBe(["bought", "carried", "done"]);
        var run = (await engine.FindAsync(id))!;
        (run.Status, run.Subject, run.Attempt, run.HeldBy).ShouldBe((RunStatus.Done, "milk", 0, null));
        run.Data.Deserialize<ErrandState>(ServerlessJson.Options).ShouldBe(new ErrandState("milk", 3));
        (await bench.WaitingAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Drive_Inline_EndsAndTheQueuedMessageDoesNothing()
    {
        var steps = 0;
        var engine = bench.Process((_, c, _) => { steps++; return Errand.Go(c); });
        var id = await engine.StartAsync(new ErrandState("milk"));

        (await engine.DriveAsync(id)).Status.ShouldBe(RunStatus.Done);
        while (await engine.WorkOnceAsync()) { }

        steps.ShouldBe(3);
        (await bench.WaitingAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Start_SameIdTwice_IsOneRun()
    {
        var engine = bench.Process();
        var id = RunIds.Derived("errand", bench.Time.GetUtcNow(), "milk", "monday");

        (await engine.StartAsync(new ErrandState("milk"), id)).ShouldBe(id);
        (await engine.StartAsync(new ErrandState("milk"), id)).ShouldBe(id);

        (await bench.WaitingAsync()).ShouldBe(1);
        (await engine.ListAsync().ToListAsync()).ShouldHaveSingleItem();
        (await Should.ThrowAsync<RequestException>(() => engine.StartAsync(new ErrandState("milk"), "train-1"))).Message
            .ShouldBe("'train-1' cannot be the id of a run of kind 'errand': ids look like 'errand-20010105040000-k3x9q2'.");
    }

    [Fact]
    public async Task Later_Waits_AndIsNoFailure()
    {
        var engine = bench.Process((state, c, _) => state == "asked" && c.Attempt < 8
            ? Task.FromResult(Step<ErrandState>.Later(c.State, TimeSpan.FromMinutes(5), "the shop is closed")) : Errand.Go(c));
        var id = await engine.StartAsync(new ErrandState("milk"));

        await engine.WorkOnceAsync();
        var waiting = (await engine.FindAsync(id))!;
        (waiting.Status, waiting.Reason, waiting.NotBefore).ShouldBe((RunStatus.Running, "the shop is closed", bench.Time.GetUtcNow().AddMinutes(5)));
        (await engine.WorkOnceAsync()).ShouldBeFalse();

        (await bench.FinishAsync(engine, id)).Status.ShouldBe(RunStatus.Done);
        (bench.Time.GetUtcNow() - waiting.UpdatedAt).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMinutes(35));
    }

    [Theory]
    [InlineData(true, RunStatus.Refused)]
    [InlineData(false, RunStatus.Failed)]
    public async Task EndOrFail_AsAValue_EndsWithItsReason(bool end, RunStatus expected)
    {
        var engine = bench.Process((_, c, _) => Task.FromResult(end ? Step<ErrandState>.End(c.State, "no milk") : Step<ErrandState>.Fail(c.State, "no milk")));
        var id = await engine.StartAsync(new ErrandState("milk"));

        await engine.WorkOnceAsync();

        var run = (await engine.FindAsync(id))!;
        (run.Status, run.Reason, run.State).ShouldBe((expected, "no milk", "asked"));
        (await bench.WaitingAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Step_BadData_FailsAtOnce()
    {
        var engine = bench.Process((_, _, _) => throw new DataException("fewer rows than the holdout"));
        var id = await engine.StartAsync(new ErrandState("milk"));

        await engine.WorkOnceAsync();

        var run = (await engine.FindAsync(id))!;
        (run.Status, run.Reason, run.Fault, run.Failures).ShouldBe((RunStatus.Failed, "fewer rows than the holdout", "DataException", 1));
        (await bench.PoisonAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Step_TransientTwice_IsRepeated()
    {
        var engine = bench.Process((_, c, _) => c.Attempt < 3 ? throw new IOException("network gone") : Errand.Go(c));
        var id = await engine.StartAsync(new ErrandState("milk"));

        await engine.WorkOnceAsync();
        var once = (await engine.FindAsync(id))!;
        (once.Status, once.Reason, once.Failures, once.HeldBy).ShouldBe((RunStatus.Running, "network gone", 1, null));

        var run = await bench.FinishAsync(engine, id);
        (run.Status, run.Reason).ShouldBe((RunStatus.Done, null));
    }

    [Fact]
    public async Task Step_FailsFiveTimes_RunFailsAndMessageIsPoison()
    {
        var attempts = 0;
        var engine = bench.Process((_, c, _) => throw new IOException($"network gone, attempt {++attempts}"));
        var id = await engine.StartAsync(new ErrandState("milk"));

        var run = await bench.FinishAsync(engine, id);

        attempts.ShouldBe(IWorkQueue.MaxDeliveries);
        (run.Status, run.Reason, run.Fault).ShouldBe((RunStatus.Failed, "failed 5 times in state 'asked'; the last time: network gone, attempt 5", "IOException"));
        (await bench.PoisonAsync()).ShouldBe(1);
        (await bench.WaitingAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Handle_HostThatRedelivers_ThrowsUntilTheRunFailed()
    {
        var engine = bench.Process((_, _, _) => throw new IOException("network gone"));
        var id = await engine.StartAsync(new ErrandState("milk"));
        var body = $$"""{"run":"{{id}}"}""";

        for (var delivery = 1; delivery <= 5; delivery++)
        {
            (await Should.ThrowAsync<RunStepException>(() => engine.HandleAsync(body, delivery))).Message.ShouldBe($"delivery {delivery}: network gone");
        }

        (await engine.FindAsync(id))!.Status.ShouldBe(RunStatus.Failed);
        await engine.HandleAsync(body, 6); // ended: nothing to do, no error
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"run":"errand-20200101000000-zzzzzz"}""")]
    [InlineData("""{"run":"../../etc"}""")]
    public async Task WorkOnce_MessageThatNamesNoRun_IsSetAside(string body)
    {
        await bench.Store.Queue.EnqueueAsync(StoreNames.Queues.Work, body);

        (await bench.Process().WorkOnceAsync()).ShouldBeTrue();

        (await bench.WaitingAsync(), await bench.PoisonAsync()).ShouldBe((0, 1));
    }

    [Fact]
    public async Task Cancel_InTheMiddleOfAStep_LeavesTheRunResumable()
    {
        using var stop = new CancellationTokenSource();
        var engine = bench.Process(async (state, c, cancel) =>
        {
            if (state == "bought" && !stop.IsCancellationRequested)
            {
                await stop.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancel);
            }

            return await Errand.Go(c);
        });
        var id = await engine.StartAsync(new ErrandState("milk"));

        await Should.ThrowAsync<OperationCanceledException>(() => engine.DriveAsync(id, null, stop.Token));

        var run = (await engine.FindAsync(id))!;
        (run.Status, run.State, run.Attempt, run.Failures, run.HeldBy).ShouldBe((RunStatus.Running, "bought", 0, 0, null));
        (await engine.DriveAsync(id)).Status.ShouldBe(RunStatus.Done);
    }

    [Fact]
    public async Task WorkOnce_StoppedTenTimes_UsesUpNoDelivery()
    {
        CancellationTokenSource stop = new();
        var engine = bench.Process(async (_, c, cancel) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancel);
            return await Errand.Go(c);
        });
        var id = await engine.StartAsync(new ErrandState("milk"));
        for (var i = 0; i < 10; i++)
        {
            stop = new CancellationTokenSource();
            await Should.ThrowAsync<OperationCanceledException>(() => engine.WorkOnceAsync(stop.Token));
        }

        (await bench.FinishAsync(bench.Process(), id)).Status.ShouldBe(RunStatus.Done);
        (await bench.PoisonAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Drive_DiskFull_SaysSoAtOnceAndLeavesTheRunResumable()
    {
        var full = true;
        var engine = bench.Process((_, c, _) => full ? throw new EnvironmentException("the disk is full") : Errand.Go(c));
        var id = await engine.StartAsync(new ErrandState("milk"));

        for (var i = 0; i < 7; i++) (await Should.ThrowAsync<EnvironmentException>(() => engine.DriveAsync(id))).Message.ShouldBe("the disk is full");

        full = false;
        (await engine.DriveAsync(id)).Status.ShouldBe(RunStatus.Done);
    }

    [Fact]
    public async Task WorkOnce_DiskFullForAnHour_WaitsWithTheReasonAndGoesOn()
    {
        var roomAt = bench.Time.GetUtcNow().AddHours(1);
        var engine = bench.Process((_, c, _) => bench.Time.GetUtcNow() < roomAt ? throw new EnvironmentException("the disk is full") : Errand.Go(c));
        var id = await engine.StartAsync(new ErrandState("milk"));

        await engine.WorkOnceAsync();
        var waiting = (await engine.FindAsync(id))!;
        (waiting.Status, waiting.Reason, waiting.Failures).ShouldBe((RunStatus.Running, "the disk is full", 0));

        var run = await bench.FinishAsync(engine, id);
        (run.Status, run.Reason).ShouldBe((RunStatus.Done, null));
        (run.UpdatedAt - roomAt).ShouldBeLessThan(TimeSpan.FromMinutes(11));
        (await bench.PoisonAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Drive_UnknownRun_SaysWhereToLook() =>
        (await Should.ThrowAsync<RequestException>(() => bench.Process().DriveAsync("errand-20260301120000-abcdef"))).Message
            .ShouldBe("there is no run 'errand-20260301120000-abcdef'. 'serverless-ml runs' lists them.");

    [Fact]
    public async Task Find_WrittenByANewerVersion_SaysSo()
    {
        var engine = bench.Process();
        var id = await engine.StartAsync(new ErrandState("milk"));
        await ChangeAsync(id, json => json.Replace("\"schemaVersion\":1", "\"schemaVersion\":2"));

        (await Should.ThrowAsync<UnknownRunException>(() => engine.FindAsync(id))).Message
            .ShouldBe($"run '{id}' was written by a newer version (schemaVersion 2; this one reads up to 1). Update this installation.");
        (await engine.WorkOnceAsync()).ShouldBeTrue();
        (await bench.WaitingAsync()).ShouldBe(1); // left for a process that knows it
    }

    [Fact]
    public async Task Drive_StateOfAnotherVersion_NamesTheStatesAndLeavesTheRecord()
    {
        var engine = bench.Process();
        var id = await engine.StartAsync(new ErrandState("milk"));
        await ChangeAsync(id, json => json.Replace("\"state\":\"asked\"", "\"state\":\"ordered\""));

        (await Should.ThrowAsync<UnknownRunException>(() => engine.DriveAsync(id))).Message
            .ShouldBe($"run '{id}' is in state 'ordered', which kind 'errand' does not have (it has: asked, bought, carried, done). Another version wrote it: finish it with that version, or start a new run.");
        (await engine.FindAsync(id))!.Attempt.ShouldBe(0);
    }

    [Fact]
    public async Task List_RunsOfDifferentTimes_NewestFirstAndBySubject()
    {
        var engine = bench.Process();
        foreach (var name in new[] { "milk", "bread", "milk" })
        {
            await engine.StartAsync(new ErrandState(name));
            bench.Time.Advance(TimeSpan.FromMinutes(1));
        }

        (await engine.ListAsync().ToListAsync()).Select(r => r.Subject).ShouldBe(["milk", "bread", "milk"]);
        (await engine.ListAsync("errand", "milk").ToListAsync()).Select(r => r.CreatedAt.Minute).ShouldBe([2, 0]);
        (await engine.ListAsync("train").ToListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task FindAndList_ProcessThatKnowsNoKindOfRun_ShowThemAll()
    {
        var id = await bench.Process().StartAsync(new ErrandState("milk"));
        using var reader = new ServiceCollection().AddSingleton<TimeProvider>(bench.Time).AddSingleton(IdSource.System)
            .AddSingleton(bench.Store.Records).AddSingleton(bench.Store.Queue).AddRuns()
            .AddSingleton<IRunDefinition<ErrandState>>(_ => throw new InvalidOperationException("this process has no such engine"))
            .AddRun<ErrandState, Errand>().BuildServiceProvider();
        var engine = reader.GetRequiredService<IRunEngine>();

        (await engine.FindAsync(id))!.Subject.ShouldBe("milk");
        (await engine.ListAsync().ToListAsync()).ShouldHaveSingleItem();
        (await engine.FindAsync("no-id")).ShouldBeNull();
    }

    private async Task ChangeAsync(string id, Func<string, string> change)
    {
        var stored = (await bench.Store.Records.GetAsync(StoreNames.Tables.Runs, "errand", id))!;
        change(stored.Json).ShouldNotBe(stored.Json);
        await bench.Store.Records.UpsertAsync(StoreNames.Tables.Runs, "errand", id, change(stored.Json));
    }
}
