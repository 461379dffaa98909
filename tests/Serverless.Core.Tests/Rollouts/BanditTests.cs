using Serverless.Models;
using Serverless.Rollouts;

namespace Serverless.Core.Tests.Rollouts;

public sealed class BanditTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly BanditPolicy Policy = new();
    private static readonly RolloutDefinition Terms = new()
    {
        Kind = RolloutKind.Bandit, Every = TimeSpan.FromHours(1), Split = [new("champion", 40), new("challenger", 30), new("3", 30)],
    };

    // Seldon: epsilon .1, three arms, 100,000 routes: the best arm has .9 +- .01 of them.
    [Fact]
    public void EpsilonGreedy_OneHundredThousandSubjects_BestArmHasItsGreedyShare()
    {
        var shares = Shares(Terms with { Algorithm = BanditAlgorithm.EpsilonGreedy }, 1, Row(0, "champion", 1000, 100), Row(0, "challenger", 1000, 300), Row(0, "3", 1000, 200));
        shares.ShouldBe([5, 90, 5]);
        var flag = new Flag
        {
            Id = "rollout-late", Variants = [new("champion", 1), new("challenger", 2), new("3", 3)], DefaultWhenEnabled = "champion", DefaultWhenDisabled = "champion", Seed = "late-r1",
            Percentiles = [new("champion", 0, 5), new("challenger", 5, 95), new("3", 95, 100)],
        };
        var plan = AllocationPlan.Compile(flag);
        var routed = Enumerable.Range(0, 100_000).Count(i => plan.Assign($"s{i}").Variant == 1);
        (routed / 100_000.0).ShouldBe(0.9, 0.01);
    }

    [Fact]
    public void Thompson_ArmsDiffer_EachHasItsProbabilityOfBeingBest()
    {
        // scipy: P(best) of Beta(11,41), Beta(16,36), Beta(3,9)
        var shares = Shares(Terms with { Floor = 0 }, 1, Row(0, "champion", 50, 10), Row(0, "challenger", 50, 15), Row(0, "3", 10, 2));
        shares.Zip([7.98, 61.95, 30.08]).ShouldAllBe(p => Math.Abs(p.First - p.Second) < 0.02);
        shares.Sum().ShouldBe(100, 1e-9);
    }

    [Fact]
    public void Thompson_OneArmIsClearlyWorse_ItKeepsItsFloor() =>
        Shares(Terms with { Floor = 2 }, 1, Row(0, "champion", 5000, 500), Row(0, "challenger", 5000, 2500), Row(0, "3", 5000, 100)).ShouldBe([2, 96, 2]);

    [Fact]
    public void Delay_RewardsOfYesterday_DoNotCountYet()
    {
        // Failures of the challenger's last two days are not known yet: counting them would make it look bad.
        OutcomeRow[] rows = [Row(0, "champion", 1000, 300), Row(0, "challenger", 1000, 400), Row(0, "3", 1000, 300), Row(3, "challenger", 5000, 0), Row(4, "challenger", 5000, 0)];
        var terms = Terms with { Algorithm = BanditAlgorithm.EpsilonGreedy };
        Shares(terms, 4.5, rows).ShouldBe([90, 5, 5]);
        Shares(terms with { Delay = TimeSpan.FromDays(2) }, 4.5, rows).ShouldBe([5, 90, 5]);
    }

    [Fact]
    public void Discount_WorldThatChanged_FollowsTheNewBest()
    {
        var rows = Enumerable.Range(0, 40).SelectMany(d => new[] { Row(d, "champion", 200, d < 30 ? 120 : 40), Row(d, "challenger", 200, 80), Row(d, "3", 200, 20) }).ToArray();
        var terms = Terms with { Algorithm = BanditAlgorithm.EpsilonGreedy };
        Shares(terms, 40, rows).ShouldBe([90, 5, 5]);
        Shares(terms with { Discount = 0.8 }, 40, rows).ShouldBe([5, 90, 5]);
    }

    [Fact]
    public void Means_RewardIsNoShare_IsJudgedByItsMean()
    {
        OutcomeRow Money(string variant, double mean) => new(variant, 1, DateOnly.FromDateTime(Start.UtcDateTime), 400, 400, 400 * mean, 400 * ((mean * mean) + 4));
        var shares = Shares(Terms with { Floor = 1, Metric = "profit" }, 1, Money("champion", 10), Money("challenger", 10.5), Money("3", 9));
        shares[1].ShouldBeGreaterThan(95);
        shares[2].ShouldBe(1);
    }

    [Fact]
    public void Next_BeforeItsTimeOrWithoutRewards_Stays()
    {
        Next(Terms, 0.01, Row(0, "champion", 10, 5)).ShouldBeOfType<RolloutMove.Stay>();
        Next(Terms, 1).ShouldBeOfType<RolloutMove.Stay>().Reason.ShouldBe("no rewards yet");
    }

    // Thompson sampling loses little against always knowing the best arm: seeded, ten days of 2,000 subjects.
    [Theory, InlineData(11), InlineData(23)]
    public void Thompson_OverTenDays_FindsTheBestArm(int seed)
    {
        var random = new Random(seed);
        double[] truth = [0.10, 0.14, 0.12];
        string[] names = ["champion", "challenger", "3"];
        var rows = new List<OutcomeRow>();
        var shares = new double[] { 40, 30, 30 };
        for (var day = 0; day < 10; day++)
        {
            for (var i = 0; i < 3; i++)
            {
                var n = (long)(2000 * shares[i] / 100);
                rows.Add(Row(day, names[i], n, Enumerable.Range(0, (int)n).Count(_ => random.NextDouble() < truth[i])));
            }

            if (Next(Terms, day + 0.99, [.. rows]) is RolloutMove.Share move) shares = [.. move.Variants.Select(v => v.Percent)];
        }

        shares[1].ShouldBeGreaterThan(60);
    }

    private static double[] Shares(RolloutDefinition terms, double days, params OutcomeRow[] rows) => [.. Next(terms, days, rows).ShouldBeOfType<RolloutMove.Share>().Variants.Select(v => v.Percent)];

    private static RolloutMove Next(RolloutDefinition terms, double days, params OutcomeRow[] rows) => Policy.Next(
        new RolloutRecord
        {
            Id = "late-r1", Model = "late", Number = 1, Kind = RolloutKind.Bandit, State = RolloutState.Running, Champion = 1, Challenger = 2, Variants = Policy.Begin(terms, 1, 2), Terms = terms,
            StartedAt = Start, StepAt = Start, Revision = 1, Reason = "", History = [],
        },
        new RolloutEvidence { Now = Start.AddDays(days), Totals = [], Outcomes = new Dictionary<string, IReadOnlyList<OutcomeRow>> { [terms.Metric ?? ""] = rows } });

    private static OutcomeRow Row(int day, string variant, long count, long good) => new(variant, 1, DateOnly.FromDateTime(Start.UtcDateTime).AddDays(day), count, count, good, good);
}
