using Serverless.Core.Tests.Features;
using Serverless.Evaluation;
using Serverless.Gating;
using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Core.Tests.Gating;

public sealed class GateTests
{
    private static GateResult Judge(GateDefinition gate, double candidate, double? champion = null, double? baseline = null, string metric = "auc", Interval? interval = null) => Gate.Judge(
        Fixture.Model() with { Gate = gate }, Of(metric, candidate), champion is { } c ? new Rival(3, Of(metric, c), null) : null, baseline is { } b ? Of(metric, b) : null,
        interval is null ? null : new GateEvidence { Champion = new MetricDifference { Metric = metric, Candidate = candidate, Other = champion!.Value, Rows = 100, Interval = interval } });

    private static Dictionary<string, double> Of(string metric, double value) => new() { [metric] = value };

    [Fact]
    public void Judge_AllConditions_QuotesTheFigures() => Judge(new GateDefinition { Min = 0.6, Tolerance = 0.005 }, 0.6412, champion: 0.643, baseline: 0.5).ShouldSatisfyAllConditions(
        g => g.Passed.ShouldBeTrue(),
        g => g.Reasons.ShouldBe([
            "auc 0.6412 is at least 0.6 (min)", "auc 0.6412 is better than the baseline's 0.5",
            "auc 0.6412 against 0.643 of champion version 3: worse by 0.0018, within the tolerance of 0.005"]),
        g => g.Findings.Select(f => f.Guard).ShouldBe(["threshold", "baseline", "champion"]));

    [Theory]
    [InlineData(0.59, null, null, "auc 0.59 is below 0.6 (min)")]
    [InlineData(0.62, 0.63, null, "auc 0.62 against 0.63 of champion version 3: worse by 0.01, more than the tolerance of 0.005")]
    [InlineData(0.62, null, 0.62, "auc 0.62 is not better than the baseline's 0.62")]
    public void Judge_OneConditionFails_RefusesAndSaysItFirst(double candidate, double? champion, double? baseline, string reason)
    {
        var gate = Judge(new GateDefinition { Min = 0.6, Tolerance = 0.005 }, candidate, champion, baseline);
        gate.Passed.ShouldBeFalse();
        gate.Reasons[0].ShouldBe(reason);
    }

    [Fact]
    public void Judge_LessIsBetter_TurnsTheComparisonsRound()
    {
        var gate = new GateDefinition { Metric = "log-loss", Max = 0.6, Tolerance = 0.01 };
        Judge(gate, 0.5, champion: 0.55, baseline: 0.7, metric: "log-loss").Passed.ShouldBeTrue();
        Judge(gate, 0.61, metric: "log-loss").Reasons.ShouldBe(["log-loss 0.61 is above 0.6 (max)"]);
        Judge(gate, 0.5, champion: 0.4, metric: "log-loss").Passed.ShouldBeFalse();
        Judge(gate, 0.5, baseline: 0.4, metric: "log-loss").Passed.ShouldBeFalse();
    }

    // Champion 0.7; tolerance 0.01. Each decision sees the same interval of candidate minus champion.
    [Theory]
    [InlineData(0.68, -0.03, -0.012, false, false, false, false)] // all of the interval is worse than the tolerance
    [InlineData(0.68, -0.05, 0.01, false, true, false, false)] // may be chance
    [InlineData(0.695, -0.008, -0.002, true, true, true, false)] // worse, but by less than the tolerance for certain
    [InlineData(0.71, -0.02, 0.04, true, true, false, false)] // looks better, may be worse
    [InlineData(0.72, 0.01, 0.03, true, true, true, true)]
    public void Judge_Decisions_ReadTheInterval(double candidate, double lower, double upper, bool estimate, bool provenWorse, bool nonInferior, bool better)
    {
        var interval = new Interval(lower, upper, 0.95, "delong");
        bool Passes(GateDecision? decide, double? confidence = null) =>
            Judge(new GateDefinition { Tolerance = 0.01, Decide = decide, Confidence = confidence }, candidate, 0.7, interval: interval).Passed;
        Passes(null).ShouldBe(estimate); // as before there were intervals
        Passes(null, 0.95).ShouldBe(provenWorse); // a stated confidence decides
        Passes(GateDecision.Estimate, 0.95).ShouldBe(estimate);
        Passes(GateDecision.ProvenWorse).ShouldBe(provenWorse);
        Passes(GateDecision.NonInferior).ShouldBe(nonInferior);
        Passes(GateDecision.Better).ShouldBe(better);
    }

    [Fact]
    public void Judge_Interval_IsInTheReasonAndTheFinding()
    {
        var gate = Judge(new GateDefinition { Tolerance = 0.01, Confidence = 0.95 }, 0.68, 0.7, interval: new Interval(-0.05, 0.01, 0.95, "delong"));
        gate.Reasons.ShouldBe(["auc 0.68 against 0.7 of champion version 3: worse by 0.02, 95 % interval -0.05 to 0.01 of the difference: not proven to be worse by more than the tolerance of 0.01"]);
        gate.Findings.Single().ShouldSatisfyAllConditions(
            f => f.Interval.ShouldBe(new Interval(-0.05, 0.01, 0.95, "delong")), f => f.Threshold.ShouldBe("not proven to be worse by more than 0.01"), f => (f.Value, f.Reference).ShouldBe((0.68, 0.7)));
    }

    [Fact]
    public void Judge_LessIsBetter_TurnsTheIntervalRound()
    {
        var gate = new GateDefinition { Metric = "log-loss", Tolerance = 0.01, Decide = GateDecision.ProvenWorse };
        Judge(gate, 0.6, 0.5, metric: "log-loss", interval: new Interval(0.05, 0.15, 0.95, "paired-t")).Passed.ShouldBeFalse();
        Judge(gate, 0.6, 0.5, metric: "log-loss", interval: new Interval(-0.05, 0.25, 0.95, "paired-t")).Passed.ShouldBeTrue();
        Judge(gate with { Decide = GateDecision.Better }, 0.4, 0.5, metric: "log-loss", interval: new Interval(-0.15, -0.05, 0.95, "paired-t")).Passed.ShouldBeTrue();
        Judge(gate with { Decide = GateDecision.NonInferior }, 0.4, 0.5, metric: "log-loss", interval: new Interval(-0.25, 0.05, 0.95, "paired-t")).Passed.ShouldBeFalse();
    }

    [Fact]
    public void Judge_NoIntervalWhereOneIsAsked_TheEstimateDecidesAndSaysSo()
    {
        var gate = Judge(new GateDefinition { Tolerance = 0.01, Decide = GateDecision.NonInferior }, 0.68, 0.7);
        (gate.Passed, gate.Reasons[0]).ShouldBe((false,
            "auc 0.68 against 0.7 of champion version 3: worse by 0.02, more than the tolerance of 0.01 (no interval can be computed for these rows, so the estimate decides)"));
    }

    [Fact]
    public void Judge_MetricNotDefined_Refuses() => Gate.Judge(Fixture.Model(), new Dictionary<string, double>(), null, null).ShouldSatisfyAllConditions(
        g => g.Passed.ShouldBeFalse(), g => g.Reasons[0].ShouldStartWith("auc cannot be computed on the holdout"));

    [Fact]
    public void Judge_MetricIsNotANumber_RefusesAndTheChampionStays() =>
        Gate.Judge(Fixture.Model(), Of("auc", double.NaN), new Rival(2, Of("auc", 0.7), null), null, new GateEvidence { Undefined = "all 40 rows are 'false'" }).ShouldSatisfyAllConditions(
            g => g.Passed.ShouldBeFalse(), g => g.Reasons[0].ShouldBe("auc cannot be computed on the holdout: all 40 rows are 'false', so nothing can be compared; champion version 2 stays"));

    [Fact]
    public void Judge_ChampionThatCannotBeLoaded_IsSaidAndDoesNotBlock() =>
        Gate.Judge(Fixture.Model(), Of("auc", 0.6), new Rival(3, null, "model.zip is damaged"), null).ShouldSatisfyAllConditions(
            g => g.Passed.ShouldBeTrue(), g => g.Reasons.ShouldBe(["champion version 3 was not compared: model.zip is damaged"]));

    [Fact]
    public void Judge_GuardFailed_RefusesAndIsSaidFirst()
    {
        var failed = new GateFinding { Guard = "size", Outcome = GateOutcome.Failed, Reason = "too large" };
        var not = new GateFinding { Guard = "slices", Outcome = GateOutcome.NotApplicable, Reason = "too few rows" };
        var gate = Gate.Judge(Fixture.Model() with { Gate = new GateDefinition { Min = 0.5 } }, Of("auc", 0.6), null, null, new GateEvidence { Findings = [not, failed] });
        gate.Passed.ShouldBeFalse();
        gate.Reasons.ShouldBe(["too large", "auc 0.6 is at least 0.5 (min)", "too few rows"]);
        Gate.Judge(Fixture.Model(), Of("auc", 0.6), null, null, new GateEvidence { Findings = [not] }).Passed.ShouldBeTrue();
    }

    [Fact]
    public void Judge_ManySlices_AreSaidTogether()
    {
        GateFinding Slice(int i, GateOutcome outcome) => new() { Guard = "slices", Outcome = outcome, Metric = "auc", Slice = $"origin = A{i}", Threshold = "at least 0.5", Reason = $"slice {i} {outcome}" };
        var passed = Gate.Judge(Fixture.Model(), Of("auc", 0.6), null, null, new GateEvidence { Findings = [.. Enumerable.Range(0, 58).Select(i => Slice(i, GateOutcome.Passed))] });
        passed.Reasons.ShouldBe(["slices: auc is at least 0.5 in 58 slices"]);
        passed.Findings.Count.ShouldBe(58);
        var failed = Gate.Judge(Fixture.Model(), Of("auc", 0.6), null, null, new GateEvidence { Findings = [.. Enumerable.Range(0, 25).Select(i => Slice(i, GateOutcome.Failed)), Slice(99, GateOutcome.Passed)] });
        failed.Reasons.Count.ShouldBe(22);
        failed.Reasons.TakeLast(2).ShouldBe(["and 5 more", "slice 99 Passed"]);
    }

    [Fact]
    public void PairedComparison_MethodsByMetric()
    {
        var (a, b) = (GuardFixture.Binary(600, _ => 0.3), GuardFixture.Binary(600, _ => 0.1, seed: 2));
        string? Method(string metric) => PairedComparison.Of(metric, a, b, 0.95, 1)!.Interval?.Method;
        (Method("auc"), Method("log-loss"), Method("brier"), Method("accuracy"), Method("f1"), Method("pr-auc")).ShouldBe(("delong", "paired-t", "paired-t", "paired-t", "bootstrap", "bootstrap"));
        PairedComparison.Of("f1", a, b, 0.95, 1)!.Replicates.ShouldBe(2000);
        var one = new JudgedRows(TaskKind.Binary, [1, 1], [.2, .3], GuardFixture.Classes);
        PairedComparison.Of("auc", one, one, 0.95, 1).ShouldBeNull();
        // Each metric's interval holds the difference that it is about.
        foreach (var metric in new[] { "auc", "log-loss", "brier", "accuracy", "f1", "pr-auc", "precision", "recall" })
        {
            var found = PairedComparison.Of(metric, a, b, 0.95, 1)!;
            found.Difference.ShouldBeInRange(found.Interval!.Lower, found.Interval.Upper, metric);
        }
    }
}
