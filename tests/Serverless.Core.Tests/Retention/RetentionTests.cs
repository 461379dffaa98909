using System.Text;
using Serverless.Core.Tests.Registry;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Retention;
using Serverless.Rollouts;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Retention;

/// <summary>What may go, and what stays whatever the settings say. Ten versions, a day apart, of which the last is champion after 1.</summary>
public sealed class RetentionTests : IDisposable
{
    private readonly RegistryFixture fixture = new();
    private readonly Logged logged = new();
    private RetentionSettings settings = new() { Versions = 1, VersionAge = TimeSpan.FromDays(1) };

    private IObjectStore Objects => fixture.Store.Objects;

    private RolloutRecords Rollouts => new(fixture.Store.Records);

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task Plan_OldVersions_KeepsChampionWayBackNewestAndWaiting()
    {
        await VersionsAsync(10);
        await fixture.AddAsync("train-11", needsApproval: true);
        await fixture.AddAsync("train-12");
        fixture.Time.Advance(TimeSpan.FromDays(30));
        var plan = await Planner().PlanAsync(default);
        plan.Remove.Select(i => i.Name).ShouldBe(["2", "3", "4", "5", "6", "7", "8", "9"]);
        plan.Remove.ShouldAllBe(i => i.Kind == "version" && i.Keys.Count == 3 && i.Bytes > 0);
        Kept(plan).ShouldBe(["1: it was champion lately, and a roll back may need it", "10: it is champion", "11: it waits for approval"]); // and 12, the newest
        (await fixture.Registry.VersionsAsync("late")).Count.ShouldBe(12); // a plan changes nothing
    }

    // The clock decides, to the second; "so many of the newest" in any case.
    [Theory, InlineData(4, 8, "2 3 4 5"), InlineData(7, 8, "2"), InlineData(1, 3, "2 3 4 5 6 7"), InlineData(1, 10, ""), InlineData(30, 1, "")]
    public async Task Plan_ByAgeAndNumber_IsBoth(int days, int newest, string going)
    {
        await VersionsAsync(10);
        settings = new() { Versions = newest, VersionAge = TimeSpan.FromDays(days) };
        // Version n is (10 - n) days old and one second.
        var expected = going.Length == 0 ? [] : Enumerable.Range(2, 8).Where(n => 10 - n >= days && n <= 10 - newest).Select(n => $"{n}").ToArray();
        (await Planner().PlanAsync(default)).Remove.Select(i => i.Name).ShouldBe(expected);
    }

    [Theory, InlineData(RolloutState.Running, true), InlineData(RolloutState.Paused, true), InlineData(RolloutState.Promoting, true), InlineData(RolloutState.Aborted, false)]
    public async Task Plan_VersionsOfARollout_StayWhileItIsUnderWay(RolloutState state, bool stay)
    {
        await VersionsAsync(10);
        await RolloutAsync(state);
        var plan = await Planner().PlanAsync(default);
        plan.Remove.Select(i => i.Name).ShouldBe(stay ? ["2", "5", "6", "7", "8", "9"] : ["2", "3", "4", "5", "6", "7", "8", "9"]);
        if (stay) Kept(plan).ShouldBe(["1: it was champion lately, and a roll back may need it", "3: rollout late-r1 has it", "4: rollout late-r1 has it", "10: it is champion"]);
    }

    [Fact]
    public async Task Plan_VersionsThatAnswered_StayAsLongAsThePredictionsDo()
    {
        await VersionsAsync(10);
        settings = settings with { Predictions = TimeSpan.FromDays(5) };
        await LogAsync(daysAgo: 6, 2);
        await LogAsync(daysAgo: 2, 5);
        var plan = await Planner().PlanAsync(default);
        plan.Remove.Where(i => i.Kind == "predictions").ShouldHaveSingleItem().Reason.ShouldBe("older than 5 days");
        plan.Remove.Where(i => i.Kind == "version").Select(i => i.Name).ShouldBe(["2", "3", "4", "6", "7", "8", "9"]);
        Kept(plan).ShouldContain("5: a prediction of the log refers to it");

        // Without a time for predictions all of them stay, and what they refer to.
        settings = settings with { Predictions = null };
        plan = await Planner().PlanAsync(default);
        plan.Remove.Select(i => i.Name).ShouldBe(["3", "4", "6", "7", "8", "9"]);
        plan.Remove.ShouldAllBe(i => i.Kind == "version");
    }

    [Fact]
    public async Task Plan_LogThatCannotBeRead_KeepsEveryVersion()
    {
        await VersionsAsync(10);
        await LogAsync(daysAgo: 2, 5);
        logged.Damaged = true;
        var plan = await Planner().PlanAsync(default);
        plan.Remove.ShouldBeEmpty();
        Kept(plan).Count(k => k.EndsWith(": the prediction log cannot be read, so it may have answered", StringComparison.Ordinal)).ShouldBe(8);
    }

    [Fact]
    public async Task Plan_NothingSaid_NothingGoes()
    {
        await VersionsAsync(10);
        await LogAsync(daysAgo: 1000, 2);
        settings = RetentionSettings.Default;
        fixture.Time.Advance(TimeSpan.FromDays(4000));
        (await Planner().PlanAsync(default)).Remove.ShouldBeEmpty();
    }

    // Which partitions an unreadable version needs is not known, so nothing at all goes.
    [Fact]
    public async Task Remove_ARecordOfANewerVersion_RemovesNothing()
    {
        await VersionsAsync(10);
        await fixture.Store.Records.UpsertAsync("versions", "late", "0000000003", """{"schemaVersion":9,"run":"x"}""");
        var before = await Objects.KeysAsync("models/");
        await Should.ThrowAsync<EnvironmentException>(() => Sweep().RemoveAsync("cli:alice", ""));
        (await Objects.KeysAsync("models/")).ShouldBe(before);
    }

    [Fact]
    public async Task Remove_TakesRecordAndFilesAndSaysWho()
    {
        await VersionsAsync(10);
        var done = await Sweep().RemoveAsync("cli:alice", "yearly");
        done.Remove.Select(i => i.Name).ShouldBe(["2", "3", "4", "5", "6", "7", "8", "9"]);
        (await fixture.Registry.VersionsAsync("late")).Select(v => v.Version).ShouldBe([1, 10]);
        (await Objects.KeysAsync("models/late/")).Select(k => k.Split('/')[2]).Distinct().ShouldBe(["1", "10"], ignoreOrder: true);
        var removed = (await fixture.Registry.AuditAsync("late")).Where(a => a.Action == "removed").ToArray();
        removed.Select(a => a.Version).ShouldBe([2, 3, 4, 5, 6, 7, 8, 9]);
        removed.ShouldAllBe(a => a.By == "cli:alice" && a.Comment.StartsWith("yearly (older than 1 day", StringComparison.Ordinal));
        foreach (var v in new[] { 1, 10 }) (await fixture.Registry.LoadAsync("late", v)).Version.ShouldBe(v);
        (await fixture.Registry.RollBackAsync("late", "cli:alice", "")).Version.ShouldBe(1);
        (await Sweep().RemoveAsync("cli:alice", "")).Remove.ShouldBeEmpty();
    }

    // Between the look and the removal somebody released version 3: it comes back whole.
    [Fact]
    public async Task Remove_VersionReleasedMeanwhile_ComesBack()
    {
        await VersionsAsync(10);
        var sweep = new RetentionSweep(Planner(new ReleasedLater(this)), Objects, fixture.Store.Records, Aliases(), fixture.Time, IdSource.System);
        var done = await sweep.RemoveAsync("cli:alice", "");
        done.Remove.Select(i => i.Name).ShouldBe(["2", "5", "6", "7", "8", "9"]);
        done.Keep.Where(i => i.Name is "3" or "4").Select(i => i.Reason).ShouldBe(["it was made champion, released or changed meanwhile", "it was made champion, released or changed meanwhile"]);
        (await fixture.Registry.LoadAsync("late", 3)).Version.ShouldBe(3);
        (await fixture.Registry.FindAsync("late", 3))!.Version.ShouldBe(3);
    }

    /// <summary>Says nothing when the plan is made, and later what the rollout says that began meanwhile.</summary>
    private sealed class ReleasedLater(RetentionTests test) : IVersionHolder
    {
        private bool asked;

        public async Task<IReadOnlyList<HeldVersion>> HeldAsync(string model, CancellationToken cancel)
        {
            if (asked) return await new RolloutVersions(test.Rollouts).HeldAsync(model, cancel);
            asked = true;
            await test.RolloutAsync(RolloutState.Running);
            return [];
        }
    }

    private sealed class Logged : ILoggedVersions
    {
        public bool Damaged { get; set; }

        public Task<IReadOnlyList<int>> VersionsAsync(IReadOnlyList<string> paths, CancellationToken cancel = default) => Damaged ? throw new DataException("damaged")
            : Task.FromResult<IReadOnlyList<int>>([.. paths.SelectMany(p => File.ReadAllText(p).Split(' ').Select(int.Parse))]);
    }

    private static string[] Kept(RetentionPlan plan) => [.. plan.Keep.Where(i => i.Kind == "version").OrderBy(i => int.Parse(i.Name)).Select(i => $"{i.Name}: {i.Reason}")];

    private async Task VersionsAsync(int count)
    {
        for (var i = 1; i <= count; i++)
        {
            await fixture.AddAsync($"train-{i}");
            if (i == 1 || i == count) await fixture.Registry.PromoteAsync("late", i, "test", "");
            fixture.Time.Advance(i == count ? TimeSpan.FromSeconds(1) : TimeSpan.FromDays(1));
        }
    }

    private Task RolloutAsync(RolloutState state) => Rollouts.InsertAsync(new RolloutRecord
    {
        Id = "late-r1", Model = "late", Number = 1, Kind = RolloutKind.Ab, State = state, Champion = 10, Challenger = 3, Terms = new RolloutDefinition { Kind = RolloutKind.Ab },
        Variants = [new("champion", 10, 34), new("challenger", 3, 33), new("4", 4, 33)], StartedAt = fixture.Time.GetUtcNow(), StepAt = fixture.Time.GetUtcNow(), Revision = 1, Reason = "", History = [],
    }, default);

    private Task LogAsync(int daysAgo, params int[] versions) => Objects.PutAsync(
        $"predictions/late/date={fixture.Time.GetUtcNow().AddDays(-daysAgo):yyyy-MM-dd}/hour=00/x.parquet", new MemoryStream(Encoding.UTF8.GetBytes(string.Join(' ', versions))));

    private AliasMoves Aliases() => new(fixture.Store.Records, fixture.Time, IdSource.System);

    [Fact]
    public async Task Tick_ScheduleComesDue_OneOfManyProcessesRemovesAndSaysWho()
    {
        await VersionsAsync(10);
        settings = settings with { Schedule = "0 4 * * *" };
        var due = new DateTimeOffset(fixture.Time.GetUtcNow().UtcDateTime.Date.AddDays(1).AddHours(4), TimeSpan.Zero);
        fixture.Time.SetUtcNow(due.AddMinutes(-1));
        await TickAsync();
        (await fixture.Registry.VersionsAsync("late")).Count.ShouldBe(10);

        fixture.Time.SetUtcNow(due.AddMinutes(1));
        await Task.WhenAll(TickAsync(), TickAsync(), TickAsync());
        (await fixture.Registry.VersionsAsync("late")).Count.ShouldBeLessThan(10);
        (await fixture.Registry.AuditAsync("late")).Where(a => a.Action == "removed").ShouldAllBe(a => a.By == "schedule" && a.Comment.StartsWith("retention.schedule 0 4 * * *"));
        (await ReportsAsync()).ShouldBe(1);

        // Nobody was there at the next time, and for seven hours after it: it is left to the one after.
        await fixture.AddAsync("train-11");
        fixture.Time.SetUtcNow(due.AddDays(1).AddHours(7));
        await TickAsync();
        (await ReportsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Tick_NoSchedule_RemovesNothing()
    {
        await VersionsAsync(10);
        fixture.Time.Advance(TimeSpan.FromDays(30));
        await TickAsync();
        (await fixture.Registry.VersionsAsync("late")).Count.ShouldBe(10);
    }

    private Task TickAsync() => new RetentionScheduler(Workspace(), Sweep(), Objects).TickAsync(fixture.Time.GetUtcNow());

    private async Task<int> ReportsAsync()
    {
        var count = 0;
        await foreach (var file in Objects.ListAsync("runs/retention/")) if (!file.Key.Contains("/due-", StringComparison.Ordinal)) count++;
        return count;
    }

    private Workspace Workspace() => new()
    {
        Name = "test", Root = "workspace", Hash = "hash", Storage = new StorageSettings(), ApiKeys = [], Datasets = new Dictionary<string, Serverless.Datasets.DatasetDefinition>(),
        Models = new Dictionary<string, ModelDefinition>(), Retention = settings,
    };

    private RetentionPlanner Planner(IVersionHolder? holder = null) => new(Workspace(), Objects, fixture.Registry, Aliases(), null!, null!, fixture.Time, logged, [holder ?? new RolloutVersions(Rollouts)]);

    private RetentionSweep Sweep() => new(Planner(), Objects, fixture.Store.Records, Aliases(), fixture.Time, IdSource.System);
}
