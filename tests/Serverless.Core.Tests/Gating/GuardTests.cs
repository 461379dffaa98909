using Serverless.Core.Tests.Features;
using Serverless.Evaluation;
using Serverless.Gating;
using Serverless.Gating.Guards;
using Serverless.Models;

namespace Serverless.Core.Tests.Gating;

public sealed class GuardTests
{
    private static readonly GateOutcome[] Good = [GateOutcome.Passed];

    [Fact]
    public void Slices_OneGroupBelowTheMinimum_IsRefusedAndNamed()
    {
        var rows = GuardFixture.Binary(800, i => i % 2 == 0 ? 0.5 : 0);
        var findings = new SlicesGuard().Judge(GuardFixture.Scope(rows), ("by", "origin"), ("metric", "auc"), ("min", "0.7"));
        findings.Select(f => (f.Slice, f.Outcome)).ShouldBe([("origin = even", GateOutcome.Passed), ("origin = odd", GateOutcome.Failed)]);
        findings[1].Reason.ShouldMatch(@"^auc 0\.\d+ where origin = odd \(400 rows\) is below 0\.7$");
    }

    [Fact]
    public void Slices_WorseThanTheChampionInOneGroupOnly_IsRefused()
    {
        var (candidate, champion) = (GuardFixture.Binary(800, i => i % 2 == 0 ? 0.5 : 0.1), GuardFixture.Binary(800, _ => 0.3));
        var findings = new SlicesGuard().Judge(GuardFixture.Scope(candidate, champion), ("by", "origin"), ("tolerance", "0.05"));
        findings.Select(f => (f.Slice, f.Outcome)).ShouldBe([("origin = even", GateOutcome.Passed), ("origin = odd", GateOutcome.Failed)]);
        findings[1].Interval!.Method.ShouldBe("delong");
        findings[1].Reason.ShouldContain("of the difference");
        findings[1].Reference!.Value.ShouldBeGreaterThan(findings[1].Value!.Value);
    }

    // A slice of 100 rows, worse by chance: the estimate refuses it, with a confidence it has to be proven.
    [Fact]
    public void Slices_Confidence_LetsWhatMayBeChancePass()
    {
        var (candidate, champion) = (GuardFixture.Binary(200, _ => 0.3, seed: 11), GuardFixture.Binary(200, i => i % 2 == 0 ? 0.35 : 0.1, seed: 8));
        var plain = new SlicesGuard().Judge(GuardFixture.Scope(candidate, champion), ("by", "origin"), ("tolerance", "0.001"));
        var worse = plain.Where(f => f.Outcome == GateOutcome.Failed).ShouldHaveSingleItem();
        worse.Interval!.Upper.ShouldBeGreaterThan(0);
        new SlicesGuard().Judge(GuardFixture.Scope(candidate, champion), ("by", "origin"), ("tolerance", "0.001"), ("confidence", "0.95")).ShouldAllBe(f => f.Outcome == GateOutcome.Passed);
    }

    [Fact]
    public void Slices_SmallOrOfOneClass_AreNotApplicableWithTheirCounts()
    {
        var rows = new JudgedRows(TaskKind.Binary, [.. Enumerable.Range(0, 300).Select(i => i < 150 ? 1.0 : i % 2)], [.. Enumerable.Range(0, 300).Select(i => i / 300.0)], GuardFixture.Classes);
        string[] groups = [.. Enumerable.Range(0, 300).Select(i => i < 150 ? "one class" : i < 290 ? "both" : "few")];
        var findings = new SlicesGuard().Judge(GuardFixture.Scope(rows, groups: groups), ("by", "origin"), ("min", "0.1"));
        findings.Select(f => f.Outcome).ShouldBe([GateOutcome.NotApplicable, GateOutcome.Passed, GateOutcome.NotApplicable]);
        findings[0].Reason.ShouldBe("auc is not defined where origin = one class (150 rows of one class, or that do not vary)");
        findings[2].Reason.ShouldBe("1 of 3 slices by origin were not judged: each needs 100 rows (together they have 10 rows)");
    }

    [Fact]
    public void Stability_LastDayBad_IsRefusedByMinAndBySpread()
    {
        var rows = GuardFixture.Binary(1600, i => i < 1200 ? 0.5 : 0);
        var findings = new StabilityGuard().Judge(GuardFixture.Scope(rows), ("windows", "4"), ("min", "0.7"), ("spread", "0.1"));
        findings.Select(f => f.Outcome).ShouldBe([GateOutcome.Passed, GateOutcome.Passed, GateOutcome.Passed, GateOutcome.Failed, GateOutcome.Failed]);
        findings[3].Slice.ShouldBe("2001-01-13..2001-01-14");
        findings[3].Reason.ShouldMatch(@"^auc 0\.\d+ in 2001-01-13\.\.2001-01-14 \(400 rows\) is below 0\.7$");
        findings[4].Reason.ShouldMatch(@"^auc goes from 0\.\d+ to 0\.\d+ over 4 windows: a spread of 0\.\d+ is above 0\.1$");
    }

    [Fact]
    public void Stability_Every_CountsBackFromTheEnd()
    {
        var findings = new StabilityGuard().Judge(GuardFixture.Scope(GuardFixture.Binary(1600, _ => 0.5)), ("windows", "2"), ("every", "1d"), ("spread", "0.2"));
        findings.ShouldHaveSingleItem().Outcome.ShouldBe(GateOutcome.Passed);
        var few = new StabilityGuard().Judge(GuardFixture.Scope(GuardFixture.Binary(1600, _ => 0.5)), ("windows", "2"), ("every", "1d"), ("min", "0.5"), ("minRows", "500"));
        few.Select(f => f.Reason).ShouldBe(["2001-01-12..2001-01-13 was not judged: 400 rows, fewer than 500", "2001-01-13..2001-01-14 was not judged: 400 rows, fewer than 500"]);
    }

    // NumPy: ten bins of equal width over 133 rows.
    [Fact]
    public void Calibration_Ece_EqualsNumpyAndIsBounded()
    {
        double[] probabilities = [.. Enumerable.Range(0, 133).Select(i => ((i * 37 % 101) + 0.5) / 102)];
        double[] truth = [.. probabilities.Select((p, i) => i * 53 % 97 / 97.0 < p ? 1.0 : 0)];
        var rows = new JudgedRows(TaskKind.Binary, truth, probabilities, GuardFixture.Classes);
        var finding = new CalibrationGuard().Judge(GuardFixture.Scope(rows), ("max", "0.2")).ShouldHaveSingleItem();
        finding.Value!.Value.ShouldBe(0.06578947368421052, 1e-13);
        finding.Outcome.ShouldBe(GateOutcome.Passed);
        new CalibrationGuard().Judge(GuardFixture.Scope(rows), ("max", "0.05")).Single().ShouldSatisfyAllConditions(
            f => f.Outcome.ShouldBe(GateOutcome.Failed), f => f.Reason.ShouldBe("ece 0.0658 is above 0.05"));
        var flat = rows with { Outputs = [.. probabilities.Select(p => (p + 0.5) / 2)] };
        new CalibrationGuard().Judge(GuardFixture.Scope(flat, rows), ("tolerance", "0.01")).Single().Outcome.ShouldBe(GateOutcome.Failed);
        new CalibrationGuard().Judge(GuardFixture.Scope(rows), ("metric", "brier"), ("max", "0.2")).Single().Value!.Value.ShouldBe(truth.Zip(probabilities, (t, p) => (t - p) * (t - p)).Average(), 1e-14);
    }

    [Fact]
    public void Calibration_Multiclass_IsOfTheMostProbableClass()
    {
        var rows = new JudgedRows(TaskKind.Multiclass, [0, 1, 2, 0], [.8, .1, .1, .2, .7, .1, .1, .6, .3, .9, .05, .05], ["x", "y", "z"]);
        // Right: .8, .7, .9; wrong: .6. Each in a bin of its own.
        new CalibrationGuard().Judge(GuardFixture.Scope(rows), ("max", "1")).Single().Value!.Value.ShouldBe((0.2 + 0.3 + 0.6 + 0.1) / 4, 1e-14);
        new CalibrationGuard().Judge(GuardFixture.Scope(rows), ("metric", "brier"), ("max", "2")).Single().Value!.Value.ShouldBe((0.06 + 0.14 + (0.01 + 0.36 + 0.49) + 0.015) / 4, 1e-14);
    }

    [Fact]
    public void Latency_TooSlow_IsRefusedWithTheFigures()
    {
        double[] times = [.. Enumerable.Range(1, 100).Select(i => i * 1e-5)];
        new LatencyGuard().Judge(GuardFixture.Scope(GuardFixture.Binary(10, _ => 0.5), latencies: times), ("p50", "1ms"), ("p99", "500us")).Select(f => f.Reason).ShouldBe(
            ["p50 of one row's time is 500 us, at most 1 ms (100 rows measured)", "p99 of one row's time is 990 us, above 500 us (100 rows measured)"]);
        new LatencyGuard().Judge(GuardFixture.Scope(GuardFixture.Binary(10, _ => 0.5)), ("p99", "1s")).Single().Outcome.ShouldBe(GateOutcome.Failed); // nothing measured proves nothing
    }

    [Fact]
    public void Size_TooLarge_IsRefused()
    {
        var scope = GuardFixture.Scope(GuardFixture.Binary(10, _ => 0.5), bytes: 2_000_000);
        new SizeGuard().Judge(scope, ("max", "1.5MB")).Single().ShouldSatisfyAllConditions(f => f.Outcome.ShouldBe(GateOutcome.Failed), f => f.Reason.ShouldBe("model.zip has 2,000,000 bytes, above 1.5MB"));
        new SizeGuard().Judge(scope, ("max", "2MB")).Select(f => f.Outcome).ShouldBe(Good);
    }

    [Fact]
    public void Metric_SecondMetric_IsBoundedAndComparedWithTheChampion()
    {
        var (candidate, champion) = (GuardFixture.Binary(800, _ => 0.2), GuardFixture.Binary(800, _ => 0.5));
        var findings = new MetricGuard().Judge(GuardFixture.Scope(candidate, champion), ("name", "brier"), ("max", "0.5"), ("tolerance", "0.001"));
        findings.Select(f => f.Outcome).ShouldBe([GateOutcome.Passed, GateOutcome.Failed]);
        findings[1].Interval!.Method.ShouldBe("paired-t");
    }

    [Fact]
    public void Metric_NotDefined_IsRefused()
    {
        var rows = new JudgedRows(TaskKind.Binary, [1, 1, 1], [.5, .6, .7], GuardFixture.Classes);
        new MetricGuard().Judge(GuardFixture.Scope(rows), ("name", "auc"), ("min", "0.5")).Single().ShouldSatisfyAllConditions(
            f => f.Outcome.ShouldBe(GateOutcome.Failed), f => f.Reason.ShouldBe("auc cannot be computed on the holdout"));
    }

    [Fact]
    public void Fairness_ChosenTwiceAsOften_IsRefusedByDifferenceAndRatio()
    {
        double[] said = [.. Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? (i % 10 < 4 ? 1.0 : 0) : (i % 10 < 8 ? 1.0 : 0))];
        var rows = new JudgedRows(TaskKind.Binary, [.. Enumerable.Range(0, 400).Select(i => i % 4 / 2.0 > 0.5 ? 1.0 : 0)], said, GuardFixture.Classes);
        var findings = new FairnessGuard().Judge(GuardFixture.Scope(rows), ("by", "origin"), ("maxDifference", "0.1"), ("minRatio", "0.8"));
        findings.Select(f => f.Outcome).ShouldBe([GateOutcome.Failed, GateOutcome.Failed]);
        findings[0].Reason.ShouldStartWith("demographic-parity by origin: difference 0.4 between 'odd' (highest) and 'even' (lowest) is above 0.1 (95 % interval ");
        findings[1].Reason.ShouldStartWith("demographic-parity by origin: ratio 0.5 between 'odd' (highest) and 'even' (lowest) is below 0.8");
        new FairnessGuard().Judge(GuardFixture.Scope(rows), ("by", "origin"), ("maxDifference", "0.35"), ("confidence", "0.95")).Single().ShouldSatisfyAllConditions(
            f => f.Outcome.ShouldBe(GateOutcome.Passed), f => f.Reason.ShouldContain("is above, but not proven to be above, 0.35"));
        new FairnessGuard().Judge(GuardFixture.Scope(rows), ("by", "origin"), ("maxDifference", "0.1"), ("minRows", "300")).Single().ShouldSatisfyAllConditions(
            f => f.Outcome.ShouldBe(GateOutcome.NotApplicable), f => f.Reason.ShouldContain("0 of 2 groups have 300"));
    }

    [Fact]
    public void Fairness_WithoutBy_TakesTheGroupsOfTheSection()
    {
        var model = Fixture.Model() with { Fairness = new FairnessDefinition { Groups = [new GroupDefinition("far", new ExpressionText("distance > 1000")), new GroupDefinition("origin", new ExpressionText("origin"))] } };
        var findings = new FairnessGuard().Judge(GuardFixture.Scope(GuardFixture.Binary(400, _ => 0.5), model: model), ("maxDifference", "1"), ("measure", "equalised-odds"));
        findings.Select(f => f.Slice).ShouldBe(["far", "origin"]);
    }
}
