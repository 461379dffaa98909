using System.Text.Json;
using Serverless.Gating;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Scheduling;
using Serverless.Testing;
using Serverless.Training;

namespace Serverless.Core.Tests.Training;

/// <summary>Trainings through the real engine, up to what the gate makes of them.</summary>
public sealed class GatedTrainingTests
{
    private static ModelDefinition Model(GateDefinition gate, params string[] groups) => TrainFixture.Binary() with
    {
        Gate = gate, Fairness = groups.Length == 0 ? null : new FairnessDefinition { Groups = [.. groups.Select(g => new GroupDefinition(g, new ExpressionText(g)))] },
    };

    private static GuardDefinition Guard(string name, params (string, string)[] settings) => Gating.GuardFixture.Definition(name, settings);

    [Fact]
    public async Task Train_GuardsAndGroups_AreJudgedOnTheHoldoutAndStored()
    {
        var gate = new GateDefinition
        {
            Guards =
            [
                Guard("slices", ("by", "origin"), ("min", "0.5")), Guard("slices", ("by", "weekend"), ("min", "0.5")), Guard("fairness", ("by", "distance > 500"), ("maxDifference", "0.5")),
                Guard("calibration", ("max", "0.9")), Guard("latency", ("p99", "1s")), Guard("size", ("max", "1MB")), Guard("stability", ("windows", "3"), ("every", "1d"), ("spread", "0.5")),
                Guard("metric", ("name", "brier"), ("max", "0.9")),
            ],
        };
        // 'weekend' is no feature: its column is read for the gate alone.
        using var fixture = new TrainFixture(Model(gate, "origin", "weekend")).WithDays(12);
        var (record, state) = await fixture.TrainAsync();
        record.Status.ShouldBe(RunStatus.Done, record.Reason);
        var findings = state.Report!.Gate.Findings;
        findings.ShouldNotContain(f => f.Outcome == GateOutcome.Failed);
        findings.Where(f => f.Guard == "slices").Select(f => f.Slice).ShouldBe(["origin = ATL", "origin = JFK", "origin = LAX", "origin = ORD", "origin = SFO", "weekend = false"], ignoreOrder: true);
        findings.Select(f => f.Guard).Distinct().ShouldBe(["baseline", "slices", "fairness", "calibration", "latency", "size", "stability", "metric"]);
        findings.Single(f => f.Guard == "latency").ShouldSatisfyAllConditions(f => f.Rows.ShouldBe(600), f => f.Value!.Value.ShouldBeGreaterThan(0));
        findings.Single(f => f.Guard == "size").Value.ShouldBe((await fixture.Registry.FindAsync("late", 1))!.Bytes);
        var stored = JsonSerializer.Deserialize<TrainingResult>((await fixture.Objects.ReadTextAsync($"runs/{record.Id}/training.json"))!, ServerlessJson.Options)!;
        stored.Gate!.Findings.Count.ShouldBe(findings.Count - 1);
        stored.Fairness!.Groupings.Select(g => (g.Grouping, g.Groups.Count)).ShouldBe([("origin", 5), ("weekend", 1)]);
        stored.Fairness.Groupings[0].Groups.Sum(g => g.Rows).ShouldBe(600);
    }

    [Fact]
    public async Task Train_GuardFails_IsRefusedAndTheAuditSaysWhy()
    {
        using var fixture = new TrainFixture(Model(new GateDefinition { Guards = [Guard("size", ("max", "1KB")), Guard("slices", ("by", "origin"), ("min", "0.9999"))] })).WithDays(12);
        var (record, state) = await fixture.TrainAsync();
        (record.Status, state.Report!.Version).ShouldBe((RunStatus.Refused, null));
        state.Report.Gate.Reasons[0].ShouldMatch("^auc 0.[0-9]+ where origin = [A-Z]+ .* is below 0.9999$|^model.zip has .* above 1KB$");
        var audit = (await fixture.Registry.AuditAsync("late")).ShouldHaveSingleItem();
        (audit.Action, audit.Version, audit.By, audit.Run, audit.Comment).ShouldBe(("refused", null, "gate", record.Id, state.Report.Gate.Reasons[0]));
        var decision = (await fixture.Get<IDecisions>().ListAsync("late")).ShouldHaveSingleItem();
        (decision.Cause, decision.Train).ShouldBe((DecisionCause.Gate, false));
        decision.Reason.ShouldContain("onFailure: keep-champion");
    }

    [Fact]
    public async Task Train_AgainstTheChampion_HasTheIntervalOfTheDifference()
    {
        using var fixture = new TrainFixture(Model(new GateDefinition { Tolerance = 0.01, Confidence = 0.9 })).WithDays(12);
        await fixture.TrainAsync();
        var (_, state) = await fixture.TrainAsync();
        var champion = state.Report!.Gate.Findings.Single(f => f.Guard == "champion");
        (champion.Outcome, champion.PValue, champion.Rows).ShouldBe((GateOutcome.Passed, 1.0, 600));
        champion.Interval.ShouldNotBeNull().ShouldSatisfyAllConditions(i => i.Method.ShouldBe("delong"), i => i.Confidence.ShouldBe(0.9), i => i.Lower.ShouldBe(0, 1e-9), i => i.Upper.ShouldBe(0, 1e-9));
        var baseline = state.Report.Gate.Findings.Single(f => f.Guard == "baseline");
        baseline.Interval!.Lower.ShouldBeGreaterThan(0);
        baseline.PValue!.Value.ShouldBeLessThan(1e-6);
    }

    [Fact]
    public async Task Train_OneClassInTheHoldout_IsRefusedWithTheReasonAndTheChampionStays()
    {
        using var store = new TempFolder();
        using (var good = new TrainFixture(storeFolder: store["s"]).WithDays(12)) await good.TrainAsync();
        using var bad = new TrainFixture(storeFolder: store["s"]).WithDays(12, delay: (day, noise) => day < 9 ? (long)(noise * 40) : 0);
        var (record, state) = await bad.TrainAsync();
        record.Status.ShouldBe(RunStatus.Refused);
        state.Report!.Gate.Reasons[0].ShouldBe("auc cannot be computed on the holdout: the label is 'false' in all 600 of its rows; lengthen 'holdout', so nothing can be compared; champion version 1 stays");
        (await bad.Registry.AliasAsync("late", Alias.Champion)).ShouldBe(1);
    }

    [Fact]
    public async Task Train_MetricThatIsNoNumber_IsRefusedWithTheExpressionAndTheChampionStays()
    {
        using var store = new TempFolder();
        using (var good = new TrainFixture(storeFolder: store["s"]).WithDays(12)) await good.TrainAsync();
        var odd = new BusinessMetricDefinition { Name = "odd", Value = new ExpressionText("Math.Log(probability - 2.0)", 3, 4) };
        using var bad = new TrainFixture(Model(new GateDefinition { Metric = "odd" }) with { Metrics = [odd] }, store["s"]).WithDays(12);
        var (record, state) = await bad.TrainAsync();
        record.Status.ShouldBe(RunStatus.Refused);
        state.Report!.Gate.Reasons[0].ShouldBe(
            "odd cannot be computed on the holdout: its expression 'Math.Log(probability - 2.0)' gives no number (NaN or infinity) in 600 of 600 rows; mend the expression, so nothing can be compared; champion version 1 stays");
        state.Report.Metrics.Keys.ShouldNotContain("odd");
        (await bad.Registry.AliasAsync("late", Alias.Champion)).ShouldBe(1);
        (await bad.Registry.VersionsAsync("late")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Train_LabelBeyondThirtyTwoBits_FailsAndStoresNothing()
    {
        using var fixture = new TrainFixture(TrainFixture.Binary() with { Task = TaskKind.Regression, Label = new ExpressionText("delay * 1e38"), Gate = new GateDefinition { Metric = "rmse" } }).WithDays(12);
        var (record, _) = await fixture.TrainAsync();
        record.Status.ShouldBe(RunStatus.Failed);
        record.Reason.ShouldNotBeNull().ShouldStartWith("label 'delay * 1e38' of model 'late' is out of the range of a 32-bit number (3.4e38) in ");
        fixture.Trainer.Fits.ShouldBe(0);
        (await fixture.Registry.VersionsAsync("late")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Train_OnFailureStop_TrainsNoMoreByItselfUntilResumed()
    {
        using var fixture = new TrainFixture(Model(new GateDefinition { Min = 0.9999, OnFailure = GateFailure.Stop })).WithDays(12);
        var (record, _) = await fixture.TrainAsync();
        var holds = fixture.Get<ITrainingHolds>();
        (await holds.FindAsync("late")).ShouldNotBeNull().Last.Run.ShouldBe(record.Id);
        (await fixture.Get<IDecisions>().ListAsync("late")).ShouldHaveSingleItem().Reason.ShouldContain("onFailure: stop");
        await holds.ResumeAsync("late", "cli:alice", "looked at it");
        (await holds.FindAsync("late")).ShouldBeNull();
        (await fixture.Registry.AuditAsync("late")).Select(a => (a.Action, a.By)).ShouldBe([("refused", "gate"), ("stopped", "gate"), ("resumed", "cli:alice")], ignoreOrder: true);
    }

    [Fact]
    public async Task Train_OnFailureTuneWithoutSearch_SaysThatNothingIsTuned()
    {
        using var fixture = new TrainFixture(Model(new GateDefinition { Min = 0.9999, OnFailure = GateFailure.Tune })).WithDays(12);
        await fixture.TrainAsync();
        var decision = (await fixture.Get<IDecisions>().ListAsync("late")).ShouldHaveSingleItem();
        (decision.Train, decision.Run).ShouldBe((false, null));
        decision.Reason.ShouldEndWith("onFailure: tune: no search is configured for 'late', so nothing is tuned");
    }

    [Fact]
    public async Task Train_Approval_KeepsWhoAskedAndTheTerms()
    {
        using var fixture = new TrainFixture(TrainFixture.Binary() with { Approval = ApprovalKind.Human, ApprovalTerms = new ApprovalTerms { Expires = TimeSpan.FromDays(7) } }).WithDays(12);
        await fixture.TrainAsync();
        var approval = (await fixture.Registry.FindAsync("late", 1))!.Approval.ShouldNotBeNull();
        (approval.AskedBy, approval.ExpiresAt).ShouldBe(("cli:alice", approval.AskedAt + TimeSpan.FromDays(7)));
    }
}
