using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Core.Tests.Workspaces;
using Serverless.Gating;
using Serverless.Models;
using Serverless.Monitoring;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Scheduling;
using Serverless.Storage;
using Serverless.Switches;
using Serverless.Testing;
using Serverless.Training;

namespace Serverless.Core.Tests.Scheduling;

public sealed class RetrainSchedulerTests : IDisposable
{
    private readonly WorkspaceFolder folder = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly LocalStore store;
    private readonly GrowingHistory history = new();
    private readonly List<ServiceProvider> processes = [];

    public RetrainSchedulerTests() => store = new LocalStore(time, new SeededIds(3));

    public void Dispose()
    {
        processes.ForEach(p => p.Dispose());
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Tick_ScheduleComesDue_StartsOneTraining()
    {
        var up = Process(new RetrainDefinition { Schedule = "0 3 * * *" });
        history.Add(time.GetUtcNow());

        await TickAsync(up);
        (await RunsAsync(up)).ShouldBeEmpty();

        await TickAsync(up, TimeSpan.FromHours(3));
        await TickAsync(up, TimeSpan.FromMinutes(1));

        var run = (await RunsAsync(up)).ShouldHaveSingleItem();
        run.Id.ShouldStartWith("train-20260301030000-");
        var decision = (await DecisionsAsync(up)).ShouldHaveSingleItem();
        (decision.Train, decision.Cause, decision.Reason, decision.Run).ShouldBe((true, DecisionCause.Schedule, "schedule of 2026-03-01 03:00 UTC", run.Id));
    }

    [Fact]
    public async Task Tick_DownForThreeDays_CatchesUpOnce()
    {
        var schedule = new RetrainDefinition { Schedule = "0 3 * * *" };
        history.Add(time.GetUtcNow());
        await TickAsync(Process(schedule));

        var up = Process(schedule);
        await TickAsync(up, TimeSpan.FromDays(3) + TimeSpan.FromHours(5));
        await TickAsync(up, TimeSpan.FromMinutes(1));

        (await RunsAsync(up)).ShouldHaveSingleItem();
        (await DecisionsAsync(up)).ShouldHaveSingleItem().Reason.ShouldBe("schedule of 2026-03-04 03:00 UTC (and 3 missed before it)");
    }

    [Fact]
    public async Task Tick_EightProcesses_StartOneTraining()
    {
        var schedule = new RetrainDefinition { Schedule = "0 3 * * *", OnNewData = true };
        var ups = Enumerable.Range(0, 8).Select(i => Process(schedule, i)).ToArray();
        await TickAsync(ups[0]);
        history.Add(time.GetUtcNow());
        time.Advance(TimeSpan.FromHours(4));

        await Task.WhenAll(ups.Select(up => Task.Run(() => Tick(up))));
        foreach (var up in ups) await Tick(up);

        var run = (await RunsAsync(ups[0])).ShouldHaveSingleItem();
        (await DecisionsAsync(ups[0])).Count(d => d.Train).ShouldBe(1);
        (await ups[0].GetRequiredService<IRunEngine>().FindAsync(run.Id))!.Data.GetProperty("reason").GetString()
            .ShouldBe("schedule of 2026-03-01 03:00 UTC; new data: version 1 of 'flights' (1.csv)");
    }

    [Fact]
    public async Task Tick_NewDataSettled_TrainsOnceForManyDrops()
    {
        var up = Process(new RetrainDefinition { OnNewData = true });
        for (var i = 0; i < 5; i++)
        {
            history.Add(time.GetUtcNow());
            await TickAsync(up, TimeSpan.FromSeconds(5));
        }

        (await RunsAsync(up)).ShouldBeEmpty(); // still coming in
        await TickAsync(up, TimeSpan.FromSeconds(15));
        await TickAsync(up, TimeSpan.FromSeconds(15));

        (await RunsAsync(up)).ShouldHaveSingleItem();
        (await DecisionsAsync(up)).ShouldHaveSingleItem().Reason.ShouldBe("new data: version 5 of 'flights' (5.csv)");
    }

    [Fact]
    public async Task Tick_NewDataInTheCooldown_WaitsAndSaysSoOnce()
    {
        var up = Process(new RetrainDefinition { OnNewData = true, Cooldown = TimeSpan.FromHours(12) });
        history.Add(time.GetUtcNow());
        await TickAsync(up, TimeSpan.FromMinutes(1));
        var first = (await RunsAsync(up)).ShouldHaveSingleItem();
        await up.GetRequiredService<IRunEngine>().DriveAsync(first.Id);

        history.Add(time.GetUtcNow());
        for (var i = 0; i < 10; i++) await TickAsync(up, TimeSpan.FromHours(1));
        (await RunsAsync(up)).Count.ShouldBe(1);
        (await DecisionsAsync(up)).Where(d => !d.Train).ShouldHaveSingleItem().Reason.ShouldBe($"not yet: cooldown until 2026-03-01 12:01 UTC after run {first.Id}");

        await TickAsync(up, TimeSpan.FromHours(3));
        (await RunsAsync(up)).Count.ShouldBe(2);
    }

    // The reason of the same "no" changes and comes back: each is said, once.
    [Fact]
    public async Task Tick_ReasonOfTheNoChanges_EachReasonIsSaidOnceInItsOrder()
    {
        var up = Process(new RetrainDefinition { OnNewData = true, Cooldown = TimeSpan.FromHours(12) });
        history.Add(time.GetUtcNow());
        await TickAsync(up, TimeSpan.FromMinutes(1));
        var first = (await RunsAsync(up)).ShouldHaveSingleItem();
        history.Add(time.GetUtcNow());
        for (var i = 0; i < 3; i++) await TickAsync(up, TimeSpan.FromMinutes(1));
        await up.GetRequiredService<IRunEngine>().DriveAsync(first.Id);
        for (var i = 0; i < 3; i++) await TickAsync(up, TimeSpan.FromMinutes(1));
        var holds = up.GetRequiredService<ITrainingHolds>();
        await holds.StopAsync("flight-delay", "train-7", "auc 0.5 is below 0.6 (min)", time.GetUtcNow());
        for (var i = 0; i < 3; i++) await TickAsync(up, TimeSpan.FromMinutes(1));
        await holds.ResumeAsync("flight-delay", "cli:alice", "mended");
        for (var i = 0; i < 3; i++) await TickAsync(Process(new RetrainDefinition { OnNewData = true, Cooldown = TimeSpan.FromHours(12) }, 5), TimeSpan.FromMinutes(1));

        var cooldown = $"not yet: cooldown until 2026-03-01 12:01 UTC after run {first.Id}";
        (await DecisionsAsync(up)).Where(d => !d.Train).Reverse().Select(d => d.Reason).ShouldBe(
        [
            $"not yet: run {first.Id} is still training", cooldown,
            "not yet: stopped by the gate of run train-7 (auc 0.5 is below 0.6 (min)) until somebody resumes it: serverless-ml models resume flight-delay", cooldown,
        ]);

        await TickAsync(up, TimeSpan.FromHours(12));
        (await RunsAsync(up)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Tick_CooldownOverARestart_StillHolds()
    {
        var retrain = new RetrainDefinition { Schedule = "0 * * * *", Cooldown = TimeSpan.FromHours(5) };
        history.Add(time.GetUtcNow());
        var before = Process(retrain);
        await TickAsync(before);
        await TickAsync(before, TimeSpan.FromHours(1));
        var first = (await RunsAsync(before)).ShouldHaveSingleItem();
        await before.GetRequiredService<IRunEngine>().DriveAsync(first.Id);

        for (var i = 0; i < 4; i++) await TickAsync(Process(retrain, 10 + i), TimeSpan.FromHours(1));
        var after = Process(retrain, 20);
        (await RunsAsync(after)).ShouldHaveSingleItem();
        (await DecisionsAsync(after)).Where(d => !d.Train).ShouldAllBe(d => d.Reason == $"cooldown until 2026-03-01 06:00 UTC after run {first.Id}");
        (await DecisionsAsync(after)).Count(d => !d.Train).ShouldBe(4, "each schedule has its no");

        await TickAsync(after, TimeSpan.FromHours(1));
        (await RunsAsync(after)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Tick_FeedbackAskedForIt_TrainsOnceAndSaysWhy()
    {
        var up = Process(new RetrainDefinition());
        history.Add(time.GetUtcNow());
        for (var i = 0; i < 3; i++) await AskAsync(up, "feedback-2026-02", "auc of February 0.58, on the holdout 0.71");

        await TickAsync(up, TimeSpan.FromMinutes(1));
        await TickAsync(up, TimeSpan.FromMinutes(1));

        var run = (await RunsAsync(up)).ShouldHaveSingleItem();
        var decision = (await DecisionsAsync(up)).ShouldHaveSingleItem();
        (decision.Train, decision.Cause, decision.Reason, decision.Run).ShouldBe((true, DecisionCause.Feedback, "feedback: auc of February 0.58, on the holdout 0.71", run.Id));
        run.Data.GetProperty("by").GetString().ShouldBe("feedback");
    }

    [Fact]
    public async Task Tick_FeedbackAskedInTheCooldown_WaitsAndIsTrainedOnceItIsOver()
    {
        var up = Process(new RetrainDefinition { Cooldown = TimeSpan.FromHours(2) });
        history.Add(time.GetUtcNow());
        var engine = up.GetRequiredService<IRunEngine>();
        var before = await engine.StartAsync(new TrainState { Model = "flight-delay", Reason = "by hand", By = "cli:alice" });
        await engine.DriveAsync(before);
        time.Advance(TimeSpan.FromMinutes(10));
        await AskAsync(up, "feedback-1", "worse");
        for (var i = 0; i < 3; i++) await TickAsync(up, TimeSpan.FromMinutes(10));
        (await DecisionsAsync(up)).ShouldHaveSingleItem().Reason.ShouldBe($"not yet: cooldown until 2026-03-01 02:00 UTC after run {before}");

        await TickAsync(up, TimeSpan.FromHours(2));
        (await RunsAsync(up)).Count.ShouldBe(2);
        await AskAsync(up, "feedback-1", "worse", time.GetUtcNow() - TimeSpan.FromHours(1)); // found before the training that dealt with it
        await TickAsync(up, TimeSpan.FromHours(4));
        (await RunsAsync(up)).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("_requests", "the request to train model 'flight-delay' was written by a newer version (schemaVersion 9; this one reads up to 1). Update this installation.")]
    [InlineData("_memory", null)]
    public async Task Tick_RecordOfANewerVersion_StartsNothingAndChangesNothing(string partition, string? message)
    {
        var up = Process(new RetrainDefinition { Schedule = "0 3 * * *", OnNewData = true });
        history.Add(time.GetUtcNow());
        const string newer = """{"schemaVersion":9,"model":"flight-delay","cause":"feedback","at":"2026-03-01T00:00:00Z","key":"k","reason":"r","scheduledUntil":"2026-02-01T00:00:00Z"}""";
        await store.Records.UpsertAsync(StoreNames.Tables.Decisions, partition, "flight-delay", newer);

        // One model's records are no reason to leave the others alone; requests are read for all of them at once.
        if (message is null) await TickAsync(up, TimeSpan.FromHours(5));
        else (await Should.ThrowAsync<EnvironmentException>(() => TickAsync(up, TimeSpan.FromHours(5)))).Message.ShouldBe(message);

        (await RunsAsync(up)).ShouldBeEmpty();
        (await DecisionsAsync(up)).ShouldBeEmpty();
        (await store.Records.GetAsync(StoreNames.Tables.Decisions, partition, "flight-delay"))!.Json.ShouldBe(newer);
    }

    [Fact]
    public async Task Tick_TrainingIsRunning_ScheduleIsSkippedWithItsReason()
    {
        var up = Process(new RetrainDefinition { Schedule = "0 * * * *" });
        history.Add(time.GetUtcNow());
        await TickAsync(up);
        await TickAsync(up, TimeSpan.FromHours(1));
        var running = (await RunsAsync(up)).ShouldHaveSingleItem();

        await TickAsync(up, TimeSpan.FromHours(1));

        (await RunsAsync(up)).ShouldHaveSingleItem();
        (await DecisionsAsync(up))[0].ShouldBe(new Decision
        {
            Model = "flight-delay", At = time.GetUtcNow(), Cause = DecisionCause.Schedule, Train = false, Reason = $"run {running.Id} is still training",
        });
    }

    [Fact]
    public async Task Tick_StoppedByTheGate_TrainsOnlyAfterAPersonResumed()
    {
        var up = Process(new RetrainDefinition { OnNewData = true });
        var holds = up.GetRequiredService<ITrainingHolds>();
        await holds.StopAsync("flight-delay", "train-7", "auc 0.5 is below 0.6 (min)", time.GetUtcNow());
        history.Add(time.GetUtcNow());
        for (var i = 0; i < 3; i++) await TickAsync(up, TimeSpan.FromMinutes(1));
        (await RunsAsync(up)).ShouldBeEmpty();
        (await DecisionsAsync(up)).ShouldHaveSingleItem().Reason.ShouldBe(
            "not yet: stopped by the gate of run train-7 (auc 0.5 is below 0.6 (min)) until somebody resumes it: serverless-ml models resume flight-delay");

        await holds.ResumeAsync("flight-delay", "cli:alice", "mended");
        await TickAsync(up, TimeSpan.FromMinutes(1));
        (await RunsAsync(up)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Tick_TrainedByHandAfterTheData_SaysNo()
    {
        var up = Process(new RetrainDefinition { OnNewData = true });
        history.Add(time.GetUtcNow());
        time.Advance(TimeSpan.FromSeconds(5));
        var engine = up.GetRequiredService<IRunEngine>();
        var id = await engine.StartAsync(new TrainState { Model = "flight-delay", Reason = "by hand", By = "cli:alice" });

        await TickAsync(up, TimeSpan.FromMinutes(1));

        (await DecisionsAsync(up)).ShouldHaveSingleItem().Reason.ShouldBe($"run {id} was started after version 1 of the data");
        (await RunsAsync(up)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Tick_NoData_SaysNo()
    {
        var up = Process(new RetrainDefinition { Schedule = "0 3 * * *" });
        await TickAsync(up);
        await TickAsync(up, TimeSpan.FromHours(3));

        (await DecisionsAsync(up)).ShouldHaveSingleItem().Reason.ShouldBe("dataset 'flights' has no data yet");
        (await RunsAsync(up)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Tick_DriftOfThePresentChampion_TrainsOnce()
    {
        var up = Process(new RetrainDefinition { OnDrift = true });
        await FoundAsync(up, version: 1, drifted: true);

        await TickAsync(up, TimeSpan.FromMinutes(1));
        await TickAsync(up, TimeSpan.FromMinutes(1));

        var run = (await RunsAsync(up)).ShouldHaveSingleItem();
        var decision = (await DecisionsAsync(up)).ShouldHaveSingleItem();
        (decision.Train, decision.Cause, decision.Run).ShouldBe((true, DecisionCause.Drift, run.Id));
        decision.Reason.ShouldBe("drift found by run monitor-1: 3 of 4 columns drifted");
        run.Data.GetProperty("by").GetString().ShouldBe("drift");
    }

    [Theory]
    [InlineData(2, true, MonitorBasis.Newer)] // of a version that is not champion
    [InlineData(1, false, MonitorBasis.Newer)]
    [InlineData(1, true, MonitorBasis.Holdout)] // old news
    public async Task Tick_ReportThatIsNoReason_DoesNothing(int version, bool drifted, MonitorBasis basis)
    {
        var up = Process(new RetrainDefinition { OnDrift = true });
        await FoundAsync(up, version, drifted, basis);
        await TickAsync(up, TimeSpan.FromMinutes(1));
        (await RunsAsync(up)).ShouldBeEmpty();
        (await DecisionsAsync(up)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Tick_DriftWithoutOnDrift_DoesNothing()
    {
        var up = Process(new RetrainDefinition { OnNewData = true });
        await FoundAsync(up, version: 1, drifted: true);
        await TickAsync(up); // the data have not settled yet
        (await RunsAsync(up)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Tick_TrainedByHandAfterTheDrift_SaysNo()
    {
        var up = Process(new RetrainDefinition { OnDrift = true });
        await FoundAsync(up, version: 1, drifted: true);
        time.Advance(TimeSpan.FromMinutes(1));
        var id = await up.GetRequiredService<IRunEngine>().StartAsync(new TrainState { Model = "flight-delay", Reason = "by hand", By = "cli:alice" });

        await TickAsync(up, TimeSpan.FromMinutes(1));

        (await DecisionsAsync(up)).ShouldHaveSingleItem().Reason.ShouldBe($"run {id} was started after the drift was found by run monitor-1");
        (await RunsAsync(up)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Tick_SwitchedOff_SaysNoAndTrainsOnceItIsOnAgain()
    {
        var switches = new SwitchedOff(SwitchedParts.Retraining);
        var up = Process(new RetrainDefinition { OnNewData = true }, switches: switches);
        await TickAsync(up);
        history.Add(time.GetUtcNow());
        await TickAsync(up, TimeSpan.FromHours(3));
        (await RunsAsync(up)).ShouldBeEmpty();
        (await DecisionsAsync(up)).ShouldHaveSingleItem().Reason.ShouldContain("switched off by the flag 'switch-retraining'");

        switches.Off = [];
        await TickAsync(up, TimeSpan.FromMinutes(1));
        (await RunsAsync(up)).ShouldHaveSingleItem();
        (await DecisionsAsync(up)).Count(d => d.Train).ShouldBe(1);
    }

    private Task AskAsync(ServiceProvider up, string key, string reason, DateTimeOffset? at = null) => up.GetRequiredService<IRetrainRequests>().AskAsync(
        new RetrainRequest { Model = "flight-delay", Cause = DecisionCause.Feedback, At = at ?? time.GetUtcNow(), Key = key, Reason = reason });

    private async Task FoundAsync(ServiceProvider up, int version, bool drifted, MonitorBasis basis = MonitorBasis.Newer)
    {
        history.Add(time.GetUtcNow());
        await store.Records.UpsertAsync(StoreNames.Tables.Aliases, "flight-delay", Alias.Champion,
            """{"schemaVersion":1,"version":1,"before":[],"moveId":"m","move":{"model":"flight-delay","action":"promoted","version":1,"by":"test","comment":"","at":"2026-03-01T00:00:00Z"}}""");
        await up.GetRequiredService<DriftRecords>().AddAsync(new DriftEntry
        {
            Run = "monitor-1", Model = "flight-delay", Version = version, At = time.GetUtcNow(), Basis = basis, Current = new WindowFacts(time.GetUtcNow(), time.GetUtcNow(), 1, 1), Drifted = drifted,
            Reasons = ["3 of 4 columns drifted"], Share = 0.75, DriftedColumns = [], Report = "runs/monitor-1/drift.json",
        }, default);
    }

    private ServiceProvider Process(RetrainDefinition retrain, int seed = 1, ISwitches? switches = null)
    {
        var loaded = folder.Load();
        var services = new ServiceCollection()
            .AddSingleton(loaded with { Models = new Dictionary<string, ModelDefinition> { ["flight-delay"] = loaded.Model("flight-delay") with { Retrain = retrain } } })
            .AddSingleton<TimeProvider>(time)
            .AddSingleton<IdSource>(new SeededIds(seed))
            .AddSingleton(store.Records).AddSingleton(store.Queue).AddSingleton(store.Objects)
            .AddSingleton<IDatasetHistory>(history)
            .AddSingleton<IDropInbox, RecordingInbox>()
            .AddSingleton(switches ?? new SwitchedOff())
            .AddStorage()
            .AddRuns()
            .AddRun<TrainState, QuickTraining>()
            .AddSchedulerTicks()
            .BuildServiceProvider();
        processes.Add(services);
        return services;
    }

    private async Task TickAsync(ServiceProvider up, TimeSpan after = default)
    {
        time.Advance(after);
        await Tick(up);
    }

    private Task Tick(ServiceProvider up) => up.GetRequiredService<IScheduler>().TickAsync(time.GetUtcNow());

    private static async Task<List<RunRecord>> RunsAsync(ServiceProvider up) => await up.GetRequiredService<IRunEngine>().ListAsync("train").ToListAsync();

    private static Task<IReadOnlyList<Decision>> DecisionsAsync(ServiceProvider up) => up.GetRequiredService<IDecisions>().ListAsync("flight-delay");

    private sealed class QuickTraining : IRunDefinition<TrainState>
    {
        public string Kind => "train";

        public string Subject(TrainState state) => state.Model;

        public IReadOnlyList<Transition<TrainState>> Transitions => [new("asked", "done", (c, _) => Task.FromResult(Step<TrainState>.Next(c.State)))];
    }
}
