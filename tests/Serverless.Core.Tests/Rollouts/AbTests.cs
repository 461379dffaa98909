using Serverless.Models;
using Serverless.Registry;
using Serverless.Rollouts;
using static Serverless.Core.Tests.Rollouts.RolloutsFixture;

namespace Serverless.Core.Tests.Rollouts;

public sealed class AbTests : IAsyncLifetime
{
    private static readonly RolloutDefinition Terms = new() { Kind = RolloutKind.Ab, Effect = 0.05, Baseline = 0.5 };
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly AbPolicy Policy = new();

    private readonly RolloutsFixture world = new();

    public Task InitializeAsync() => world.WithVersionsAsync();

    public Task DisposeAsync()
    {
        world.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Tick_ChallengerIsBetter_BecomesChampion()
    {
        await world.StartAsync(Terms);
        world.Outcomes.Rows[""] = [Day(0, "champion", 3000, 1500), Day(0, "challenger", 3050, 1800)];

        await world.TickAsync(TimeSpan.FromDays(1));

        (await world.LastAsync()).State.ShouldBe(RolloutState.Promoted);
        (await world.LastAsync()).Reason.ShouldStartWith("challenger is better: challenger 0.5902 (3050 subjects) against 0.5 (3000): difference 0.0902, 95 % between ");
        (await world.Registry.AliasAsync(Model, Alias.Champion)).ShouldBe(2);
    }

    [Theory]
    [InlineData(true, 1500, 1200, RolloutMoveKind.End, "the champion is better")]
    [InlineData(false, 1500, 1800, RolloutMoveKind.End, "challenger is better")]
    [InlineData(true, 1500, 1510, RolloutMoveKind.Stay, "of 3043")]
    public void Next_Outcomes_LeadToTheMove(bool promote, int champion, int challenger, RolloutMoveKind kind, string text)
    {
        var move = Next(Terms with { PromoteWinner = promote }, Day(0, "champion", 3000, champion), Day(0, "challenger", 3000, challenger));
        (Kind(move), move.Reason.Contains(text, StringComparison.Ordinal)).ShouldBe((kind, true), move.Reason);
    }

    [Fact]
    public void Next_LessIsBetter_TheLowerOneWins() =>
        Next(Terms with { LessIsBetter = true }, Day(0, "champion", 3000, 1500), Day(0, "challenger", 3000, 1200)).ShouldBeOfType<RolloutMove.Promote>().Version.ShouldBe(2);

    [Fact]
    public void Next_PlannedNumberWithoutDifference_SaysSoHonestly()
    {
        var move = Next(Terms, Day(0, "champion", 20_000, 10_000), Day(0, "challenger", 20_000, 10_050));
        move.ShouldBeOfType<RolloutMove.End>().Reason.ShouldStartWith("no difference found: challenger 0.5025 (20000 subjects) against 0.5 (20000): difference 0.0025, 95 % between ");
        move.Reason.ShouldEndWith("a difference of 0.05 would have been found with a probability of 80 %");
    }

    [Fact]
    public void Next_TimeOverBeforeThePlan_SaysThatADifferenceMayHaveBeenMissed() =>
        Next(Terms with { For = TimeSpan.FromDays(1) }, Day(0, "champion", 500, 250), Day(0, "challenger", 500, 250)).Reason.ShouldContain("its time was over before each variant had the planned");

    [Fact]
    public void Next_FixedReading_WaitsForThePlannedNumberWhateverItSees()
    {
        var terms = Terms with { Reading = ExperimentReading.Fixed };
        Next(terms, Day(0, "champion", 1500, 500), Day(0, "challenger", 1500, 1000)).ShouldBeOfType<RolloutMove.Stay>().Reason.ShouldBe("challenger 1500, champion 1500 of 1565 subjects with an outcome each");
        Next(terms, Day(0, "champion", 1565, 500), Day(0, "challenger", 1565, 1000)).ShouldBeOfType<RolloutMove.Promote>();
    }

    [Fact]
    public async Task Tick_SubjectsAreNotDividedAsPlanned_StopsAndAsksForAPerson()
    {
        await world.StartAsync(Terms);
        world.Outcomes.Rows[""] = [Day(0, "champion", 5000, 2500), Day(0, "challenger", 4500, 3500)];

        await world.TickAsync(TimeSpan.FromDays(1));

        var rollout = await world.LastAsync();
        rollout.State.ShouldBe(RolloutState.Paused);
        rollout.Reason.ShouldBe("sample ratio mismatch: challenger has 4500 subjects where 50 % were planned, champion has 5000 subjects where 50 % were planned (p 0); find out why before reading anything else");
        world.Signals.All.ShouldContain(s => s.Name == "rollout-paused" && s.Bad);
    }

    [Fact]
    public void Next_WithinTheWindowOfNovelty_DoesNotCount()
    {
        OutcomeRow[] rows = [Day(0, "champion", 3000, 1500), Day(0, "challenger", 3000, 2500), Day(3, "champion", 3000, 1500), Day(3, "challenger", 3000, 1510)];
        Next(Terms, rows).ShouldBeOfType<RolloutMove.Promote>();
        Next(Terms with { Novelty = TimeSpan.FromDays(2) }, rows).ShouldBeOfType<RolloutMove.Stay>();
    }

    [Fact]
    public void Next_LaterLookWithLessEvidence_KeepsTheLeastPValue()
    {
        var rollout = Rollout(Terms);
        var first = Policy.Next(rollout, Evidence(Day(0, "champion", 1000, 500), Day(0, "challenger", 1000, 560))).ShouldBeOfType<RolloutMove.Stay>();
        var second = Policy.Next(rollout with { LeastP = first.LeastP! }, Evidence(Day(0, "champion", 2000, 1000), Day(0, "challenger", 2000, 1010))).ShouldBeOfType<RolloutMove.Stay>();
        second.LeastP!["challenger"].ShouldBe(first.LeastP!["challenger"]);
    }

    // A/A tests, looked at on each of 20 days: the share of false winners is at most alpha; within the binomial interval of 600 experiments.
    [Fact]
    public void Next_NoDifferenceAndADailyLook_FindsOneInAtMostFivePercent()
    {
        var found = Simulate(new Random(42), 600, 0.3, 0.3);
        found.ShouldBeLessThanOrEqualTo(600 * 0.05 + (3 * Math.Sqrt(600 * 0.05 * 0.95)));
    }

    [Fact]
    public void Next_RealDifference_IsFoundWithThePlannedPower()
    {
        var found = Simulate(new Random(43), 200, 0.3, 0.35);
        found.ShouldBeGreaterThan(200 * 0.8);
    }

    private static double Simulate(Random random, int experiments, double champion, double challenger)
    {
        var found = 0;
        var terms = Terms with { Baseline = champion };
        var daily = (new Experiment(Rollout(terms), Evidence()).Planned / 20) + 1;
        for (var e = 0; e < experiments; e++)
        {
            var rollout = Rollout(terms);
            var rows = new List<OutcomeRow>();
            for (var day = 0; day < 20; day++)
            {
                rows.Add(Day(day, "champion", daily, Binomial(random, daily, champion)));
                rows.Add(Day(day, "challenger", daily, Binomial(random, daily, challenger)));
                var move = Policy.Next(rollout, Evidence([.. rows]));
                if (move is RolloutMove.Stay { LeastP: { } least })
                {
                    rollout = rollout with { LeastP = least };
                    continue;
                }

                if (move is RolloutMove.Promote || move.Reason.StartsWith("the champion is better", StringComparison.Ordinal)) found++;
                break;
            }
        }

        return found;
    }

    // Normal approximation with continuity: enough for hundreds of rows a day.
    private static long Binomial(Random random, long n, double p)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return (long)Math.Clamp(Math.Round((n * p) + (normal * Math.Sqrt(n * p * (1 - p)))), 0, n);
    }

    private static RolloutMove Next(RolloutDefinition terms, params OutcomeRow[] rows) => Policy.Next(Rollout(terms), Evidence(rows));

    private static RolloutEvidence Evidence(params OutcomeRow[] rows) => new()
    {
        Now = Start.AddDays(5), Totals = [], Outcomes = new Dictionary<string, IReadOnlyList<OutcomeRow>> { [""] = rows },
    };

    private static RolloutRecord Rollout(RolloutDefinition terms) => new()
    {
        Id = "late-r1", Model = Model, Number = 1, Kind = terms.Kind, State = RolloutState.Running, Champion = 1, Challenger = 2, Variants = Policy.Begin(terms, 1, 2), Terms = terms,
        StartedAt = Start, StepAt = Start, Revision = 1, Reason = "", History = [],
    };

    private static OutcomeRow Day(int day, string variant, long count, long right) =>
        new(variant, variant == "champion" ? 1 : 2, DateOnly.FromDateTime(Start.UtcDateTime).AddDays(day), count, count, right, right);

    public enum RolloutMoveKind { Stay, Promote, End, Pause, Share, RollBack }

    private static RolloutMoveKind Kind(RolloutMove move) => Enum.Parse<RolloutMoveKind>(move.GetType().Name);
}
