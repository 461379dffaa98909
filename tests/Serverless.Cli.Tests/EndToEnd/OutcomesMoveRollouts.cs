using Serverless.Feedback;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Rollouts;
using static Serverless.Cli.Tests.EndToEnd.ServedWorkspace;

namespace Serverless.Cli.Tests.EndToEnd;

/// <summary>What came true of predictions, joined from the log, ends a bad canary and moves a bandit's shares.</summary>
public sealed class OutcomesMoveRollouts
{
    [Fact]
    public async Task Canary_WithWorseOutcomes_IsRolledBackByTheGuardWithTheReason()
    {
        await using var served = await ServedWorkspace.StartAsync(SmallWorkspace.Model + "\nrollout: { kind: canary, start: 20, every: 15m, guards: [{ guard: feedback, atLeast: 50 }] }\n", trainings: 2);
        var rollouts = served.Get<IRollouts>();
        var canary = (await rollouts.ActiveAsync("late"))!;
        (canary.Kind, canary.Challenger, canary.State).ShouldBe((RolloutKind.Canary, 2, RolloutState.Running));

        // Nine of ten of the champion's answers come true, six of ten of the challenger's.
        await AnswerAsync(served, canary, champion: i => i % 10 != 0, challenger: i => i % 10 < 6, subjects: 300);
        await served.TickAsync(TimeSpan.FromSeconds(20));
        await served.TickAsync(TimeSpan.FromSeconds(20));
        var ended = (await rollouts.ListAsync("late")).Single();
        ended.State.ShouldBe(RolloutState.RolledBack);
        ended.Reason.ShouldStartWith("guard feedback: share of right predictions of challenger 0.6 (300 subjects), of the champion 0.9 (300)");
        (await served.Get<IModelRegistry>().AliasAsync("late", Alias.Champion)).ShouldBe(1);
        (await served.Get<IModelRegistry>().AuditAsync("late")).ShouldContain(a => a.Action.Contains("rolled-back", StringComparison.Ordinal) && a.Comment.Contains("guard feedback", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Canary_WithAsGoodOutcomes_GoesOn()
    {
        await using var served = await ServedWorkspace.StartAsync(SmallWorkspace.Model + "\nrollout: { kind: canary, start: 20, every: 15m, guards: [{ guard: feedback, atLeast: 50 }] }\n", trainings: 2);
        var rollouts = served.Get<IRollouts>();
        var canary = (await rollouts.ActiveAsync("late"))!;
        await AnswerAsync(served, canary, champion: i => i % 10 != 0, challenger: i => i % 10 != 1, subjects: 300);
        await served.TickAsync(TimeSpan.FromSeconds(20));
        await served.TickAsync(TimeSpan.FromSeconds(20));
        (await rollouts.ListAsync("late")).Single().State.ShouldBe(RolloutState.Running);
        var guard = (await rollouts.ReportAsync((await rollouts.ActiveAsync("late"))!)).Guards.Single();
        (guard.Broken, guard.Value).ShouldBe((false, 0.0));
        guard.Message.ShouldContain("of challenger 0.9 (300 subjects)");
    }

    [Fact]
    public async Task Bandit_WithDelayedRewards_MovesItsSharesTowardTheBetterArmOnceTheyHaveCome()
    {
        await using var served = await ServedWorkspace.StartAsync(SmallWorkspace.Model + "\nrollout: { kind: bandit, every: 1h, delay: 1d, metric: used, floor: 5, guards: [{ guard: errors }] }\n", trainings: 2);
        var rollouts = served.Get<IRollouts>();
        var bandit = (await rollouts.ActiveAsync("late"))!;
        bandit.Percent("challenger").ShouldBe(50);
        var ids = Answer(served, bandit, subjects: 400);
        await served.FlushAsync();

        // Early rewards of the same day do not count yet, though they would speak for the champion: of slow failures nothing is known then.
        await served.SayAsync([.. ids.Champion.Take(100).Select(id => new FeedbackItem { PredictionId = id, Used = true })]);
        await served.TickAsync(TimeSpan.FromHours(2));
        await served.TickAsync(TimeSpan.FromMinutes(2));
        (await rollouts.ActiveAsync("late"))!.Percent("challenger").ShouldBe(50);

        await served.SayAsync([.. ids.Champion.Skip(100).Select(id => new FeedbackItem { PredictionId = id, Used = false })]);
        await served.SayAsync([.. ids.Challenger.Select((id, i) => new FeedbackItem { PredictionId = id, Used = i % 2 == 0 })]);
        await served.TickAsync(TimeSpan.FromHours(50));
        await served.TickAsync(TimeSpan.FromMinutes(2));
        var moved = (await rollouts.ActiveAsync("late"))!;
        moved.Percent("challenger").ShouldBe(95, 0.5);
        moved.Percent("champion").ShouldBe(5, 0.5);
        var arms = (await rollouts.ReportAsync(moved)).Experiment!.Arms;
        arms.Single(a => a.Variant == "challenger").ShouldSatisfyAllConditions(a => a.Subjects.ShouldBe(400), a => a.Mean!.Value.ShouldBe(0.5, 1e-9));
        arms.Single(a => a.Variant == "champion").Mean!.Value.ShouldBe(0.25, 1e-9);
    }

    private static async Task AnswerAsync(ServedWorkspace served, RolloutRecord rollout, Func<int, bool> champion, Func<int, bool> challenger, int subjects)
    {
        var ids = Answer(served, rollout, subjects);
        await served.FlushAsync();
        await served.SayAsync([.. ids.Champion.Select((id, i) => Actual(id, champion(i)))]);
        await served.SayAsync([.. ids.Challenger.Select((id, i) => Actual(id, challenger(i)))]);
        served.Time.Advance(TimeSpan.FromSeconds(10));
    }

    // Every subject asks twice, and is answered "true" by its variant each time; its second answer has no outcome.
    private static (List<string> Champion, List<string> Challenger) Answer(ServedWorkspace served, RolloutRecord rollout, int subjects)
    {
        var (champion, challenger) = (new List<string>(), new List<string>());
        for (var i = 0; i < subjects; i++)
        {
            foreach (var (variant, version, list) in new[] { ("champion", 1, champion), ("challenger", 2, challenger) })
            {
                var route = new RouteNote(rollout.Id, variant, "percentile", (ulong)((i * 2) + version));
                list.Add(served.Predict(0.9, version, role: variant, route: route));
                served.Predict(0.9, version, role: variant, route: route);
            }
        }

        // Who does not take part is no subject of it.
        served.Predict(0.9, 1, route: new RouteNote(rollout.Id, "champion", "outside", 999_999));
        return (champion, challenger);
    }
}
