using Serverless.Core.Tests.Features;
using Serverless.Models;
using Serverless.Training;

namespace Serverless.Core.Tests.Training;

public sealed class GateTests
{
    private static GateResult Judge(GateDefinition gate, double candidate, double? champion = null, double? baseline = null, string metric = "auc") => Gate.Judge(
        Fixture.Model() with { Gate = gate }, Of(metric, candidate), champion is { } c ? new Rival(3, Of(metric, c), null) : null, baseline is { } b ? Of(metric, b) : null);

    private static Dictionary<string, double> Of(string metric, double value) => new() { [metric] = value };

    [Fact]
    public void Judge_AllConditions_QuotesTheFigures() => Judge(new GateDefinition { Min = 0.6, Tolerance = 0.005 }, 0.6412, champion: 0.643, baseline: 0.5).ShouldSatisfyAllConditions(
        g => g.Passed.ShouldBeTrue(),
        g => g.Reasons.ShouldBe([
            "auc 0.6412 is at least 0.6 (min)", "auc 0.6412 is better than the baseline's 0.5",
            "auc 0.6412 against 0.643 of champion version 3: worse by 0.0018, within the tolerance of 0.005"]));

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

    [Fact]
    public void Judge_MetricNotDefined_Refuses() => Gate.Judge(Fixture.Model(), new Dictionary<string, double>(), null, null).ShouldSatisfyAllConditions(
        g => g.Passed.ShouldBeFalse(), g => g.Reasons[0].ShouldStartWith("auc cannot be computed on the holdout"));

    [Fact]
    public void Judge_ChampionThatCannotBeLoaded_IsSaidAndDoesNotBlock() =>
        Gate.Judge(Fixture.Model(), Of("auc", 0.6), new Rival(3, null, "model.zip is damaged"), null).ShouldSatisfyAllConditions(
            g => g.Passed.ShouldBeTrue(), g => g.Reasons.ShouldBe(["champion version 3 was not compared: model.zip is damaged"]));
}
