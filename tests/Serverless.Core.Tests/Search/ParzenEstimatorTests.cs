using Serverless.Search;
using Serverless.Statistics;

namespace Serverless.Core.Tests.Search;

public sealed class ParzenEstimatorTests
{
    // scipy.stats.norm.cdf
    [Theory, InlineData(0, 0.5), InlineData(1, 0.8413447460685429), InlineData(-2, 0.022750131948179195), InlineData(-5, 2.866515718791933e-07), InlineData(-8, 6.22096057427178e-16)]
    public void Cdf_Scipy_IsTheSame(double z, double expected) => (NormalDistribution.Cdf(z) / expected).ShouldBe(1, 1e-8);

    [Fact]
    public void LogDensity_OverARange_IntegratesToOne()
    {
        var dimension = new NumberDimension("rate", 0.001, 1, Log: true, Integer: false);
        var parzen = new ParzenEstimator(dimension, [0.01, 0.011, 0.3, 1]);
        var (low, high) = dimension.Scale;
        const int Steps = 20_000;
        var integral = Enumerable.Range(0, Steps).Sum(i => Math.Exp(parzen.LogDensity(Math.Exp(low + ((i + 0.5) * (high - low) / Steps))))) * (high - low) / Steps;
        integral.ShouldBe(1, 1e-6);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void LogDensity_OverWholeNumbers_SumsToOne(bool log)
    {
        var parzen = new ParzenEstimator(new NumberDimension("leaves", 2, 64, log, Integer: true), [2, 31, 31, 64]);
        Enumerable.Range(2, 63).Sum(v => Math.Exp(parzen.LogDensity(v))).ShouldBe(1, 1e-9);
    }

    [Fact]
    public void Draw_ManyTimes_FollowsTheDensity()
    {
        var parzen = new ParzenEstimator(new NumberDimension("leaves", 1, 6, Log: false, Integer: true), [2, 2, 5]);
        var random = new Random(1);
        var drawn = Enumerable.Range(0, 20_000).Select(_ => parzen.Draw(random)).CountBy(v => v).ToDictionary();
        // Five standard deviations of a share of 20,000.
        for (var v = 1; v <= 6; v++) (drawn[v] / 20_000.0).ShouldBe(Math.Exp(parzen.LogDensity(v)), 0.0177);
    }

    [Fact]
    public void Density_OneValueOnly_IsThatValue()
    {
        var parzen = new ParzenEstimator(new NumberDimension("rate", 0.1, 0.1, Log: true, Integer: false), [0.1]);
        parzen.Draw(new Random(1)).ShouldBe(0.1);
        parzen.LogDensity(0.1).ShouldBe(0);
    }
}
