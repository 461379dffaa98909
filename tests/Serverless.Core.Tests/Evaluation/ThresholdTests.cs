using Serverless.Evaluation;
using Serverless.Models;

namespace Serverless.Core.Tests.Evaluation;

public sealed class ThresholdTests
{
    private static readonly double[] Truth = [0, 0, 1, 0, 1, 1];
    private static readonly double[] Probabilities = [.1, .2, .3, .4, .6, .9];

    // By hand: calling .3 and above true costs one false positive (1); above .4 one false negative (20).
    [Theory, InlineData(1, 20, 0.25, 1), InlineData(20, 1, 0.5, 1), InlineData(0, 1, 0.05, 0), InlineData(1, 0, 0.95, 0)]
    public void Least_SmallSample_IsTheOneByHand(double falsePositive, double falseNegative, double expected, double cost)
    {
        var (threshold, least) = ThresholdChoice.Least(new CostDefinition(falsePositive, falseNegative), Truth, Probabilities);
        threshold.ShouldBe(expected, 1e-12);
        (least * Truth.Length).ShouldBe(cost, 1e-12);
    }

    [Fact]
    public void Least_RandomRows_NoThresholdIsCheaper()
    {
        var random = new Random(4);
        double[] probabilities = [.. Enumerable.Range(0, 500).Select(_ => Math.Round(random.NextDouble(), 2))], truth = [.. probabilities.Select(p => random.NextDouble() < p * p ? 1.0 : 0)];
        var cost = new CostDefinition(3, 11);
        var (threshold, least) = ThresholdChoice.Least(cost, truth, probabilities);
        ThresholdChoice.Cost(cost, truth, probabilities, threshold).ShouldBe(least);
        Enumerable.Range(0, 1001).Min(i => ThresholdChoice.Cost(cost, truth, probabilities, i / 1000.0)).ShouldBe(least, 1e-12);
    }

    // True probabilities: Elkan's threshold.
    [Fact]
    public void Least_TrueProbabilities_ComesNearTheory()
    {
        var random = new Random(4);
        double[] probabilities = [.. Enumerable.Range(0, 200_000).Select(_ => random.NextDouble())], truth = [.. probabilities.Select(p => random.NextDouble() < p ? 1.0 : 0)];
        ThresholdChoice.Least(new CostDefinition(1, 4), truth, probabilities).Threshold.ShouldBe(0.2, 0.03);
    }

    [Fact]
    public void Report_Points_AreThoseOfTheConfusionMatrix()
    {
        var holdout = HoldoutFixture.Of(HoldoutFixture.Model(cost: new CostDefinition(1, 20)), Truth, Probabilities, threshold: 0.25);
        var report = ThresholdReport.Of(holdout, null)!;
        report.Points.Count.ShouldBe(19);
        var at = report.Points.Single(p => Math.Abs(p.Threshold - 0.35) < 1e-9);
        (at.Precision, at.Recall, at.Specificity, at.Selected).ShouldBe((2 / 3.0, 2 / 3.0, 2 / 3.0, 0.5));
        at.Cost!.Value.ShouldBe(21 / 6.0, 1e-12);
        (report.Threshold, report.Cost, report.CostAtHalf).ShouldBe((0.25, 1 / 6.0, 20 / 6.0));
    }
}
