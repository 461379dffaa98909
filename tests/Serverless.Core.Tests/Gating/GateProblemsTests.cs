using Serverless.Core.Tests.Features;
using Serverless.Gating;
using Serverless.Gating.Guards;
using Serverless.Models;

namespace Serverless.Core.Tests.Gating;

public sealed class GateProblemsTests
{
    private static readonly Dictionary<string, IGuard> Guards = new IGuard[]
    {
        new SlicesGuard(), new FairnessGuard(), new CalibrationGuard(), new LatencyGuard(), new SizeGuard(), new StabilityGuard(), new MetricGuard(),
    }.ToDictionary(g => g.Name);

    [Theory]
    [InlineData("slice", "by=origin", "(3,5): unknown guard 'slice'. Did you mean 'slices'?")]
    [InlineData("slices", "min=0.5", "(3,5): guard 'slices' needs 'by'.")]
    [InlineData("slices", "by=origin", "(3,5): guard 'slices' needs a limit: min or max or tolerance.")]
    [InlineData("slices", "by=orign,min=0.5", "'orign'")]
    [InlineData("slices", "by=origin,metric=acu,min=0.5", "(3,7): guard 'slices' names 'acu', which is not a metric of a binary task. Did you mean 'auc'?")]
    [InlineData("slices", "by=origin,min=0.9,max=0.1", "(3,7): guard 'slices' has a min greater than its max, so no model could pass.")]
    [InlineData("slices", "by=origin,tolerance=-1", "(3,7): guard 'slices': 'tolerance' must be at least 0, not -1.")]
    [InlineData("slices", "by=origin,minrows=3,min=1", "(3,7): guard 'slices' has no setting 'minrows'. Did you mean 'minRows'?")]
    [InlineData("size", "max=20", "(3,7): guard 'size': 'max' must be a size such as 500KB or 20MB, not '20'.")]
    [InlineData("latency", "p99=fast", "(3,7): guard 'latency': 'p99' must be a time such as 50us, 2ms or 1s, not 'fast'.")]
    [InlineData("latency", "", "(3,5): guard 'latency' needs a limit: p50 or p99.")]
    [InlineData("calibration", "metric=ecce,max=1", "(3,7): guard 'calibration': 'metric' cannot be 'ecce'. Did you mean 'ece'?")]
    [InlineData("calibration", "", "(3,5): guard 'calibration' needs a limit: max or tolerance.")]
    [InlineData("stability", "every=7d,spread=0.1", "(3,7): guard 'stability' has windows of 7 days; a holdout of 7 days has fewer than two of them.")]
    [InlineData("stability", "windows=1.5,spread=0.1", "(3,7): guard 'stability': 'windows' must be a whole number, not '1.5'.")]
    [InlineData("fairness", "by=origin,maxDifference=0.1,measure=equal-odds", "(3,7): guard 'fairness' cannot measure 'equal-odds' of a binary task.")]
    [InlineData("fairness", "maxDifference=0.1", "(3,5): guard 'fairness' needs 'by', or a section 'fairness' with groups.")]
    [InlineData("fairness", "by=origin", "(3,5): guard 'fairness' needs a limit: maxDifference or minRatio.")]
    [InlineData("fairness", "by=origin,minRatio=1.5", "(3,7): guard 'fairness': 'minRatio' must be from 0 to 1, not 1.5.")]
    [InlineData("metric", "name=f3,min=0.1", "(3,7): guard 'metric' names 'f3', which is not a metric of a binary task.")]
    public void Of_OneMistake_IsNamedWithItsPlace(string guard, string settings, string expected)
    {
        (string, string)[] pairs = [.. settings.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(s => (s.Split('=')[0], s.Split('=')[1]))];
        var model = Fixture.Model() with { Holdout = TimeSpan.FromDays(7), Gate = new GateDefinition { Guards = [GuardFixture.Definition(guard, pairs)] } };
        GateProblems.Of(model, Fixture.Dataset, Guards).ShouldHaveSingleItem().ToString().ShouldContain(expected);
    }

    [Fact]
    public void Of_Good_IsNothing()
    {
        var model = Fixture.Model() with
        {
            Holdout = TimeSpan.FromDays(7),
            Fairness = new FairnessDefinition { Groups = [new GroupDefinition("origin", new ExpressionText("origin"))] },
            Gate = new GateDefinition
            {
                Guards =
                [
                    GuardFixture.Definition("slices", ("by", "distance > 1000"), ("min", "0.5")), GuardFixture.Definition("fairness", ("maxDifference", "0.1"), ("measure", "equalized-odds")),
                    GuardFixture.Definition("calibration", ("max", "0.05")), GuardFixture.Definition("latency", ("p99", "1.5ms")), GuardFixture.Definition("size", ("max", "20MB")),
                    GuardFixture.Definition("stability", ("every", "1d"), ("windows", "7"), ("spread", "0.1")), GuardFixture.Definition("metric", ("name", "brier"), ("max", "0.25")),
                ],
            },
        };
        GateProblems.Of(model, Fixture.Dataset, Guards).ShouldBeEmpty();
    }

    [Fact]
    public void Of_GroupOfTheFairnessSection_IsAnExpressionOverColumns() =>
        GateProblems.Of(Fixture.Model() with { Fairness = new FairnessDefinition { Groups = [new GroupDefinition("sex", new ExpressionText("sex", 9, 4))] } }, Fixture.Dataset, Guards)
            .ShouldHaveSingleItem().ShouldSatisfyAllConditions(p => (p.Line, p.Column).ShouldBe((9, 4)), p => p.Message.ShouldStartWith("group 'sex': "));
}
