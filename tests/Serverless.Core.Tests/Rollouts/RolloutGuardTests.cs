using Serverless.Datasets;
using Serverless.Models;
using Serverless.Rollouts;
using static Serverless.Core.Tests.Rollouts.RolloutsFixture;

namespace Serverless.Core.Tests.Rollouts;

public sealed class RolloutGuardTests
{
    [Theory]
    [InlineData(1, 1, false)]    // a single call says little
    [InlineData(5, 5, true)]
    [InlineData(1000, 10, false)]
    [InlineData(1000, 30, true)]
    public void Errors_ShareOfFailures_BreaksWhenItIsCertain(long calls, long failures, bool broken) =>
        Judge("errors", [], Seen("champion", 10_000), Seen("challenger", calls, failures)).Broken.ShouldBe(broken);

    [Fact]
    public void Errors_ChampionFailsAsOften_Holds() => Judge("errors", [], Seen("champion", 1000, 60), Seen("challenger", 1000, 55)).Broken.ShouldBeFalse();

    [Fact]
    public void Errors_ItHungOnce_BreaksAtOnce() => Judge("errors", [], Seen("champion", 1000), Seen("challenger", 1, 1, hangs: 1)).Broken.ShouldBeTrue();

    [Theory]
    [InlineData(10, 30, false)]        // three times slower, and still in microseconds
    [InlineData(1000, 1900, false)]    // less than twice
    [InlineData(2000, 9000, true)]
    public void Latency_Quantile_BreaksAboveRatioAndSlack(double champion, double challenger, bool broken) =>
        Judge("latency", [], Seen("champion", 1000, 0, champion), Seen("challenger", 200, 0, challenger)).Broken.ShouldBe(broken);

    [Fact]
    public void Latency_FewRequests_SayNothing() => Judge("latency", [], Seen("champion", 1000, 0, 1000), Seen("challenger", 30, 0, 90_000)).Broken.ShouldBeFalse();

    [Fact]
    public void Latency_Max_NeedsNoChampion() => Judge("latency", [("max", "50ms")], Seen("challenger", 300, 0, 90_000)).Message.ShouldBe("p95 of challenger is 90.11 ms; allowed 50 ms");

    [Theory]
    [InlineData(0.5, 0.5, false)]
    [InlineData(0.5, 0.52, true)]
    public void Drift_ScoresElsewhere_Breaks(double champion, double challenger, bool broken)
    {
        VariantTotals Scores(string variant, double share) => new() { Variant = variant, Calls = 1000, Scores = new SparseCounts().Add(Buckets.OfShare(share), 1000) };
        Judge("drift", [], Scores("champion", champion), Scores("challenger", challenger)).Broken.ShouldBe(broken);
    }

    // scipy.stats.ks_2samp([1,1,2,3], [2,3,3,3]).statistic = 0.5
    [Fact]
    public void Drift_Distance_IsKolmogorovSmirnov() =>
        DriftGuard.Distance(new SparseCounts().Add(1, 2).Add(2, 1).Add(3, 1), new SparseCounts().Add(2, 1).Add(3, 3)).ShouldBe(0.5);

    [Theory]
    [InlineData("more", 0.5, 0.48, false)]
    [InlineData("more", 0.5, 0.40, true)]
    [InlineData("more", 0.5, 0.60, false)]
    [InlineData("less", 0.5, 0.60, true)]
    public void Feedback_OutcomesAreWorse_BreaksWhenItIsCertain(string better, double champion, double challenger, bool broken)
    {
        OutcomeRow Row(string variant, double share) => new(variant, 1, new DateOnly(2026, 1, 1), 3000, 3000, 3000 * share, 3000 * share);
        Judge("feedback", [("metric", "cost"), ("better", better)], [Row("champion", champion), Row("challenger", challenger)]).Broken.ShouldBe(broken);
    }

    // A/A, looked at on each of 30 days: at most 1 % broken, within the binomial bound of 500 rollouts.
    [Fact]
    public void Feedback_NoDifferenceAndADailyLook_BreaksInAtMostOnePercent()
    {
        var random = new Random(7);
        var broken = 0;
        for (var e = 0; e < 500; e++)
        {
            var rows = new List<OutcomeRow>();
            for (var day = 0; day < 30; day++)
            {
                foreach (var variant in new[] { "champion", "challenger" })
                {
                    long right = 0;
                    for (var i = 0; i < 100; i++) if (random.NextDouble() < 0.3) right++;
                    rows.Add(new OutcomeRow(variant, 1, new DateOnly(2026, 1, 1).AddDays(day), 100, 100, right, right));
                }

                if (!Judge("feedback", [("metric", "cost")], rows).Broken) continue;
                broken++;
                break;
            }
        }

        broken.ShouldBeLessThanOrEqualTo(5 + (int)(3 * Math.Sqrt(500 * 0.01 * 0.99)));
    }

    [Theory]
    [InlineData(0.2), InlineData(3), InlineData(1234567), InlineData(17)]
    public void Buckets_OfTime_HoldTheirTime(double microseconds)
    {
        var upper = Buckets.TimeAt(Buckets.OfTime(microseconds));
        upper.ShouldBeGreaterThanOrEqualTo(microseconds);
        if (microseconds >= 1) upper.ShouldBeLessThanOrEqualTo(microseconds * 1.13);
    }

    [Fact]
    public void Buckets_OfValue_KeepTheOrder()
    {
        double[] values = [-1e9, -3.5, -3, -1e-9, 0, 1e-9, 2, 2.9, 3.5, 1e12];
        values.Select(Buckets.OfValue).ShouldBeInOrder();
    }

    [Fact]
    public void Totals_AsJson_ComeBackAndSubtract()
    {
        var totals = Seen("challenger", 10, 2) with { Scores = new SparseCounts().Add(3, 4) };
        var back = System.Text.Json.JsonSerializer.Deserialize<VariantTotals>(System.Text.Json.JsonSerializer.Serialize(totals, ServerlessJson.Options), ServerlessJson.Options)!;
        back.ShouldBe(totals);
        (back + back - totals).ShouldBe(totals);
    }

    private static GuardVerdict Judge(string guard, (string, string)[] settings, params VariantTotals[] totals) => Judge(guard, settings, [], totals);

    private static GuardVerdict Judge(string guard, (string Name, string Value)[] settings, IReadOnlyList<OutcomeRow> rows, params VariantTotals[] totals)
    {
        var definition = new GuardDefinition(guard, settings.ToDictionary(s => s.Name, s => new Parameter([s.Value], false, 1, 1)));
        var rollout = new RolloutRecord
        {
            Id = "late-r1", Model = "late", Number = 1, Kind = RolloutKind.Canary, State = RolloutState.Running, Champion = 1, Challenger = 2,
            Variants = [new("challenger", 2, 50), new("champion", 1, 50)], Terms = new RolloutDefinition { Kind = RolloutKind.Canary, Guards = [definition] },
            StartedAt = default, StepAt = default, Revision = 1, Reason = "", History = [],
        };
        return Guards.Judge(rollout, new RolloutEvidence { Now = default, Totals = totals, Outcomes = new Dictionary<string, IReadOnlyList<OutcomeRow>> { ["cost"] = rows } }).Single();
    }
}
