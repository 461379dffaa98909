using Serverless.Models;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Rollouts;
using static Serverless.Core.Tests.Rollouts.RolloutsFixture;

namespace Serverless.Core.Tests.Rollouts;

public sealed class CanaryTests : IAsyncLifetime
{
    private static readonly RolloutDefinition Terms = new() { Kind = RolloutKind.Canary, Start = 2, Step = 49, Every = TimeSpan.FromMinutes(15) };

    private readonly RolloutsFixture world = new();

    public Task InitializeAsync() => world.WithVersionsAsync();

    public Task DisposeAsync()
    {
        world.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Tick_GuardsHold_GrowsStepByStepAndBecomesChampion()
    {
        var begun = await world.StartAsync(Terms);
        begun.Id.ShouldBe("late-r1");
        Shares().ShouldBe([("challenger", 0, 2), ("champion", 2, 100)]);

        var shares = new List<double>();
        for (var calls = 10; (await world.LastAsync()).Active; calls += 10)
        {
            await world.CountAsync(Seen("champion", 100 + calls), Seen("challenger", calls));
            await world.TickAsync(TimeSpan.FromMinutes(15));
            shares.Add((await world.LastAsync()).Percent("challenger"));
        }

        shares.ShouldBe([51, 100, 100]);
        var end = await world.LastAsync();
        (end.State, end.Reason).ShouldBe((RolloutState.Promoted, "everybody had it and the guards held"));
        (await world.Registry.AliasAsync(Model, Alias.Champion)).ShouldBe(2);
        world.Flags.All.ShouldBeEmpty();
        var audit = await world.Registry.AuditAsync(Model);
        audit.Where(e => e.Action.StartsWith("rollout", StringComparison.Ordinal)).Select(e => (e.Action, e.Version, e.From, e.By)).ShouldBe(
        [
            ("rollout-started", 2, 1, "cli:alice"), ("rollout-moved", 2, 1, "rollouts"), ("rollout-moved", 2, 1, "rollouts"), ("rollout-promoting", 2, 1, "rollouts"), ("rollout-promoted", 2, 1, "rollouts"),
        ]);
        audit.Single(e => e.Action == "rollout-started").Comment.ShouldBe("canary challenger (version 2) 2 %, champion (version 1) 98 %: try it");
        audit.Where(e => e.Action == "promoted").Select(e => e.Version).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Tick_BeforeItsTime_StaysWhereItIs()
    {
        await world.StartAsync(Terms);
        await world.CountAsync(Seen("challenger", 10));

        await world.TickAsync(TimeSpan.FromMinutes(14));

        (await world.LastAsync()).Percent("challenger").ShouldBe(2);
    }

    [Fact]
    public async Task Tick_NobodyMetTheChallengerYet_StaysWhereItIs()
    {
        await world.StartAsync(Terms);

        await world.TickAsync(TimeSpan.FromDays(3));

        (await world.LastAsync()).Percent("challenger").ShouldBe(2);
        (await world.Rollouts.ReportAsync(await world.LastAsync())).Next.ShouldBe("2 % until the challenger was asked 1 times at this share; so far 0");
    }

    [Fact]
    public async Task Tick_ChallengerFails_EverybodyIsBackWithTheChampionAndTheReasonIsKept()
    {
        await world.StartAsync(Terms);
        await world.CountAsync(Seen("champion", 980), Seen("challenger", 20, failures: 9));

        await world.TickAsync(TimeSpan.FromSeconds(15));

        var end = await world.LastAsync();
        (end.State, end.Reason).ShouldBe((RolloutState.RolledBack, "guard errors: challenger failed 9 of 20 times (45 %; allowed 1 %)"));
        world.Flags.All.ShouldBeEmpty();
        (await world.Registry.AliasAsync(Model, Alias.Champion)).ShouldBe(1);
        (await world.Registry.AuditAsync(Model))[^1].ShouldSatisfyAllConditions(e => e.Action.ShouldBe("rollout-rolled-back"), e => e.Comment.ShouldEndWith(end.Reason));
        world.Signals.All.ShouldContain(s => s.Name == "rollout" && s.Bad && s.Message == $"rollout late-r1 of version 2 is rolled back: {end.Reason}");
    }

    [Fact]
    public async Task Tick_PausedAndFailing_StillRollsBack()
    {
        await world.StartAsync(Terms);
        await world.Rollouts.MoveAsync(Model, RolloutVerb.Pause, "cli:bob", "a holiday");
        await world.CountAsync(Seen("champion", 980), Seen("challenger", 20, hangs: 1, failures: 1));

        await world.TickAsync(TimeSpan.FromSeconds(15));

        (await world.LastAsync()).Reason.ShouldBe("guard errors: challenger did not answer in time and is not asked any more");
    }

    [Fact]
    public async Task Pause_ThenResume_StepBeginsAnew()
    {
        await world.StartAsync(Terms);
        await world.Rollouts.MoveAsync(Model, RolloutVerb.Pause, "cli:bob", "a holiday");
        await world.CountAsync(Seen("challenger", 10));
        await world.TickAsync(TimeSpan.FromHours(5));
        (await world.LastAsync()).Percent("challenger").ShouldBe(2);

        await world.Rollouts.MoveAsync(Model, RolloutVerb.Resume, "cli:bob", "back");
        await world.TickAsync(TimeSpan.FromMinutes(14));
        (await world.LastAsync()).Percent("challenger").ShouldBe(2);
        await world.TickAsync(TimeSpan.FromMinutes(1));
        (await world.LastAsync()).Percent("challenger").ShouldBe(51);
    }

    [Fact]
    public async Task Abort_ThenPause_IsATypedRefusal()
    {
        await world.StartAsync(Terms);
        await world.Rollouts.MoveAsync(Model, RolloutVerb.Abort, "cli:bob", "complaints");

        world.Flags.All.ShouldBeEmpty();
        var error = await Should.ThrowAsync<RefusedException>(() => world.Rollouts.MoveAsync(Model, RolloutVerb.Pause, "cli:bob", "late"));
        error.Message.ShouldBe("model 'late' has no rollout under way; the last, 'late-r1', is aborted");
    }

    [Fact]
    public async Task Resume_Running_IsATypedRefusalWithFromAndTo()
    {
        await world.StartAsync(Terms);

        var error = await Should.ThrowAsync<RolloutTransitionException>(() => world.Rollouts.MoveAsync(Model, RolloutVerb.Resume, "cli:bob", "why"));

        (error.Rollout, error.From, error.To).ShouldBe(("late-r1", RolloutState.Running, RolloutState.Running));
        error.Message.ShouldStartWith("rollout 'late-r1' cannot be resumed: it is running");
    }

    [Fact]
    public async Task Move_WithoutAComment_IsRefused()
    {
        await world.StartAsync(Terms);
        (await Should.ThrowAsync<RequestException>(() => world.Rollouts.MoveAsync(Model, RolloutVerb.Abort, "cli:bob", " "))).Message.ShouldBe("to abort the rollout of 'late' needs a comment: why? (--comment \"...\")");
    }

    [Fact]
    public async Task Start_WhileAnotherIsUnderWay_IsRefused()
    {
        await world.StartAsync(Terms);
        (await Should.ThrowAsync<RefusedException>(() => world.StartAsync(Terms, 3))).Message.ShouldBe("rollout 'late-r1' of version 2 is under way (running); promote or abort it first");
    }

    [Theory]
    [InlineData(9, "model 'late' has no version 9; it has 1 to 3")]
    [InlineData(1, "version 1 of model 'late' is champion already")]
    public async Task Start_VersionThatCannotBe_IsRefusedAndNothingBegins(int version, string expected)
    {
        (await Should.ThrowAsync<RequestException>(() => world.StartAsync(Terms, version))).Message.ShouldBe(expected);

        (await world.Rollouts.ListAsync(Model)).ShouldBeEmpty();
        world.Flags.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task Tick_ChampionMovedByHand_RolloutIsOver()
    {
        await world.StartAsync(Terms);
        await world.Registry.PromoteAsync(Model, 3, "cli:carol", "better");

        await world.TickAsync(TimeSpan.FromSeconds(15));

        (await world.LastAsync()).ShouldSatisfyAllConditions(
            r => r.State.ShouldBe(RolloutState.Aborted), r => r.Reason.ShouldBe("the champion became version 3 meanwhile, not through this rollout (it began against version 1)"));
        world.Flags.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task Tick_ClockThatIsAheadMovedIt_OthersWaitAndNothingGoesBack()
    {
        await world.StartAsync(Terms);
        await world.CountAsync(Seen("challenger", 10));
        var ahead = world.Time.GetUtcNow() + TimeSpan.FromHours(1);
        await world.Rollouts.TickAsync(ahead);
        await world.CountAsync(Seen("challenger", 20));

        // By its own clock this process is before the step that the other one made.
        await world.TickAsync(TimeSpan.FromMinutes(30));

        (await world.LastAsync()).ShouldSatisfyAllConditions(r => r.StepAt.ShouldBe(ahead), r => r.Percent("challenger").ShouldBe(51));
        await world.TickAsync(TimeSpan.FromMinutes(45));
        (await world.LastAsync()).Percent("challenger").ShouldBe(100);
    }

    private IEnumerable<(string, double, double)> Shares() => world.Flags.Rollout.Percentiles.Select(p => (p.Variant, p.From, p.To));
}
