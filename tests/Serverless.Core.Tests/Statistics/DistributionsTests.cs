using Serverless.Statistics;

namespace Serverless.Core.Tests.Statistics;

// Golden values: SciPy 1.10.1.
public sealed class DistributionsTests
{
    [Theory]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.5, 0)]
    [InlineData(0.001, -3.090232306167813)]
    [InlineData(1e-10, -6.361340902404056)]
    [InlineData(0.9, 1.2815515655446004)]
    [InlineData(0.3, -0.5244005127080409)]
    public void NormalQuantile_EqualsScipy(double p, double z) => NormalQuantile.Of(p).ShouldBe(z, 1e-14 * (1 + Math.Abs(z)));

    [Fact]
    public void NormalQuantile_OutsideOfProbabilities_IsNotANumber()
    {
        NormalQuantile.Of(1.5).ShouldBe(double.NaN);
        NormalQuantile.Of(double.NaN).ShouldBe(double.NaN);
        (NormalQuantile.Of(0), NormalQuantile.Of(1)).ShouldBe((double.NegativeInfinity, double.PositiveInfinity));
    }

    [Theory]
    [InlineData(2.5, 1, 0.2422378831816867)]
    [InlineData(-1.2, 3, 0.3162621146981049)]
    [InlineData(2.228, 10, 0.05001177181711133)]
    [InlineData(0.3, 50, 0.7654208802553032)]
    [InlineData(5, 200, 1.250198127771539e-06)]
    public void StudentT_TwoSided_EqualsScipy(double t, long degrees, double p) => StudentT.TwoSided(t, degrees).ShouldBe(p, p * 1e-11);

    // SciPy's betainc solved for t: its own t.ppf is right to 1e-10 only (for one degree, t = tan(0.475 pi)).
    [Theory]
    [InlineData(0.95, 1, 12.706204736174696)]
    [InlineData(0.95, 2, 4.302652729749462)]
    [InlineData(0.8, 5, 1.475884048824481)]
    [InlineData(0.95, 10, 2.2281388519862744)]
    [InlineData(0.99, 30, 2.749995653567225)]
    [InlineData(0.95, 1000, 1.962339080826261)]
    public void StudentT_Quantile_EqualsScipy(double confidence, long degrees, double t) => StudentT.Quantile(confidence, degrees).ShouldBe(t, t * 1e-11);

    [Fact]
    public void StudentT_ManyDegrees_IsTheNormal() => StudentT.Quantile(0.95, 100_000_000).ShouldBe(1.959963984540054, 1e-7);

    // Exact and mid-p from scipy.stats.binom; the chi-square of 86 against 150 is the prime minister example of A. Agresti, "Categorical Data Analysis", 17.36 without correction.
    [Theory]
    [InlineData(6, 16, 0.052478790283203125, 0.03468966484069824, 3.6818181818181817, 0.055008833629265896)]
    [InlineData(1, 9, 0.021484375, 0.01171875, 4.9, 0.02685669550752441)]
    [InlineData(0, 5, 0.0625, 0.03125, 3.2, 0.07363827012030258)]
    [InlineData(120, 150, 0.07738939898021883, 0.06820129335098787, 3.1148148148148147, 0.07758329748513149)]
    [InlineData(86, 150, 3.715936139571387e-05, 2.8933895176154288e-05, 16.81779661016949, 4.114562281345944e-05)]
    [InlineData(2, 3, 1, 0.6875, 0, 1)]
    public void McNemar_EqualsScipy(long first, long second, double exact, double midP, double chiSquare, double p)
    {
        foreach (var test in new[] { new McNemar(first, second), new McNemar(second, first) })
        {
            test.Exact.ShouldBe(exact, 1e-12 * (1 + exact));
            test.MidP.ShouldBe(midP, 1e-12);
            test.ChiSquareCorrected.ShouldBe(chiSquare, 1e-12);
            test.PValueCorrected.ShouldBe(p, 1e-12);
        }
    }

    [Fact]
    public void McNemar_86Against150_IsAgrestisChiSquare() => new McNemar(86, 150).ChiSquareUncorrected.ShouldBe(17.36, 0.005);

    [Fact]
    public void McNemar_NothingTellsThemApart_IsOne() => (new McNemar(0, 0).Exact, new McNemar(0, 0).MidP, new McNemar(0, 0).PValueCorrected, new McNemar(30, 30).Exact).ShouldBe((1.0, 1.0, 1.0, 1.0));

    // scipy.stats.ttest_rel; interval as above.
    [Fact]
    public void PairedT_SevenPairs_EqualsScipy()
    {
        double[] first = [5.1, 4.9, 6.2, 5.8, 5.5, 6.0, 5.3], second = [5.0, 4.7, 6.4, 5.5, 5.1, 5.9, 5.2];
        var test = PairedT.Of([.. first.Zip(second, (a, b) => a - b)]).ShouldNotBeNull();
        test.PValue.ShouldBe(0.094132766565817, 1e-11);
        var interval = test.Interval(0.95);
        (interval.Lower, interval.Upper).ShouldSatisfyAllConditions(i => i.Lower.ShouldBe(-0.03308361289377537, 1e-11), i => i.Upper.ShouldBe(0.31879789860806085, 1e-11));
        PairedT.Of([1.0]).ShouldBeNull();
        PairedT.Of([0, 0, 0])!.PValue.ShouldBe(1);
    }

    [Fact]
    public void Welch_EightAgainstFive_EqualsScipyWithDegreesRoundedDown()
    {
        double[] first = [5.1, 4.9, 6.2, 5.8, 5.5, 6.0, 5.3, 5.9], second = [5.0, 4.7, 6.4, 5.5, 5.1];
        var interval = Welch.Difference(first.Average(), Variance(first), 8, second.Average(), Variance(second), 5, 0.95).ShouldNotBeNull();
        interval.Lower.ShouldBe(-0.575713377748869, 1e-10);
        interval.Upper.ShouldBe(1.0707133777488682, 1e-10);
        Welch.Difference(1, 0, 1, 2, 1, 9, 0.95).ShouldBeNull();
    }

    private static double Variance(double[] values) => values.Sum(v => (v - values.Average()) * (v - values.Average())) / (values.Length - 1);
}
