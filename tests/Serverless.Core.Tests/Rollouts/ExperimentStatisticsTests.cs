using Serverless.Drift.Statistics;
using Serverless.Statistics;

namespace Serverless.Core.Tests.Rollouts;

/// <summary>Golden values: SciPy 1.10 (by the formulas of the sources named in the code), and statsmodels' documented values.</summary>
public sealed class ExperimentStatisticsTests
{
    // 150/1000 vs 120/1000: statsmodels proportions_ztest
    [Fact]
    public void Z_TwoShares_IsThePooledTest()
    {
        var (z, p) = ShareTest.Z(150, 1000, 120, 1000);
        (z, p).ShouldSatisfyAllConditions(t => t.z.ShouldBe(1.963049808, 1e-9), t => t.p.ShouldBe(0.0496403869, 1e-9));
    }

    [Theory]
    [InlineData(0.5, 0.02, 0.8, 9805.99620873867)]
    [InlineData(0.12, 0.03, 0.9, 2724.5985942361117)]
    public void SampleSize_OfShares_IsFleissWithoutCorrection(double baseline, double effect, double power, double expected) =>
        SampleSize.OfShares(baseline, effect, power, 0.95).ShouldBe(expected, 1e-6 * expected);

    [Fact]
    public void SampleSize_OfMeans_IsTheNormalFormula() => SampleSize.OfMeans(10, 1, 0.8, 0.95).ShouldBe(1569.7759468698177, 1e-6);

    // By direct integration of the mixture over the difference (scipy.integrate.quad).
    [Theory]
    [InlineData(0.03, 1, 0.48668736422297687)]
    [InlineData(0.05, 1, 0.05565889830296029)]
    [InlineData(0.05, 0.25, 2.0738925506251473e-08)]
    public void AlwaysValid_PValue_IsTheMixtureLikelihoodRatio(double difference, double scale, double expected) =>
        AlwaysValid.PValue(difference, scale * ((0.12 * 0.88 / 1000) + (0.15 * 0.85 / 1000)), 0.02).ShouldBe(expected, 1e-9 * expected);

    [Fact]
    public void AlwaysValid_Interval_EndsWhereThePValueIsAlpha()
    {
        var half = AlwaysValid.HalfWidth(2.3e-4, 0.02, 0.95);
        AlwaysValid.PValue(half, 2.3e-4, 0.02).ShouldBe(0.05, 1e-12);
    }

    [Fact]
    public void BestArm_TwoShares_IsTheProbabilityOfBeingBetter()
    {
        var best = BestArm.Probabilities([Belief.OfShare(120, 880), Belief.OfShare(150, 850)]);
        best[0].ShouldBe(0.02493216318785585, 1e-6);
        best.Sum().ShouldBe(1, 1e-12);
    }

    [Fact]
    public void BestArm_ThreeArms_IsTheIntegralOfDensityTimesTails()
    {
        var best = BestArm.Probabilities([Belief.OfShare(10, 40), Belief.OfShare(15, 35), Belief.OfShare(2, 8)]);
        best.Zip([0.07976606563880581, 0.6194771288076849, 0.300756805553509]).ShouldAllBe(p => Math.Abs(p.First - p.Second) < 1e-5);
    }

    [Fact]
    public void BestArm_OneArmKnownAndOneNot_IsRightForBoth() =>
        BestArm.Probabilities([Belief.OfShare(0, 0), Belief.OfShare(30_000, 70_000)])[0].ShouldBe(0.6999960000799985, 1e-4);

    [Fact]
    public void BestArm_TwoMeans_IsTheNormalProbability() =>
        BestArm.Probabilities([Belief.OfMean(1.2, 0.04), Belief.OfMean(1.0, 0.09)])[0].ShouldBe(0.7104501290230405, 1e-5);

    // scipy.stats.chisquare
    [Theory]
    [InlineData(5000, 5200, 50, 0.0476703806561615)]
    [InlineData(821, 1588, 33.3333333333333333, 0.4365893268632044)]
    public void RatioMismatch_ObservedAgainstPlanned_IsPearsonsChiSquare(double a, double b, double percent, double expected)
    {
        var (total, share) = (a + b, percent / 100);
        var statistic = (Math.Pow(a - (total * share), 2) / (total * share)) + (Math.Pow(b - (total * (1 - share)), 2) / (total * (1 - share)));
        ChiSquare.UpperTail(statistic, 1).ShouldBe(expected, 1e-9);
    }
}
