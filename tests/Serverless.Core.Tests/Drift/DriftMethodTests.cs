using Serverless.Drift;
using Serverless.Drift.Methods;
using Serverless.Drift.Statistics;

namespace Serverless.Core.Tests.Drift;

/// <summary>Each method through the detector, on values printed elsewhere.</summary>
public sealed class DriftMethodTests
{
    // SciPy 1.10.1: ks_2samp of the two samples, exact and asymptotic.
    [Fact]
    public void Ks_TwoSamplesOfEight_EqualsSciPy()
    {
        var exact = Detectors.Numbers(Samples.A, Samples.C, "ks");
        exact.Statistic.ShouldBe(0.625);
        exact.PValue!.Value.ShouldBe(0.08702408702408702, 1e-12);
        exact.Rule.ShouldBe("exact p-value");
        exact.Drifted.ShouldBeFalse();
        exact.Severity.ShouldBe(DriftSeverity.Possible);

        var asymptotic = Detectors.Numbers(Samples.A, Samples.C, "ks", PValueMode.Asymptotic);
        asymptotic.PValue!.Value.ShouldBe(0.04931640625, 1e-12);
        asymptotic.Rule.ShouldBe("asymptotic p-value");
        asymptotic.Drifted.ShouldBeTrue();
    }

    // SciPy 1.10.1: wasserstein_distance, energy_distance, cramervonmises_2samp(method exact and asymptotic); numpy.std.
    [Fact]
    public void Distances_TwoSamplesOfEight_EqualSciPy()
    {
        var wasserstein = Detectors.Numbers(Samples.A, Samples.C, "wasserstein");
        wasserstein.Statistic!.Value.ShouldBe(4.1625, 1e-12);
        wasserstein.Normalised!.Value.ShouldBe(4.1625 / 5.328094757978691, 1e-12);
        wasserstein.PValue.ShouldBeNull();
        wasserstein.Threshold.ShouldBe(0.1);

        Detectors.Numbers(Samples.A, Samples.C, "energy").Statistic!.Value.ShouldBe(1.5702308747, 1e-10);
        var cvm = Detectors.Numbers(Samples.A, Samples.C, "cvm");
        cvm.Statistic!.Value.ShouldBe(0.4375, 1e-12);
        cvm.PValue!.Value.ShouldBe(0.06433566433566433, 1e-12);
        Detectors.Numbers(Samples.A, Samples.C, "cvm", PValueMode.Asymptotic).PValue!.Value.ShouldBe(0.05788700364500943, 1e-9);
    }

    // scipy.stats.wasserstein_distance and energy_distance, documentation examples.
    [Fact]
    public void Distances_WithWeights_EqualSciPyDocumentation()
    {
        Distances.Wasserstein([0, 1, 3], [5, 6, 8], [1, 1, 1], [1, 1, 1]).ShouldBe(5.0, 1e-12);
        Distances.Wasserstein([0, 1], [0, 1], [3, 1], [2, 2]).ShouldBe(0.25, 1e-12);
        Distances.Wasserstein([3.4, 3.9, 7.5, 7.8], [4.5, 1.4], [1.4, 0.9, 3.1, 7.2], [3.2, 3.5]).ShouldBe(4.078133143804786, 1e-12);
        Distances.Energy([0], [2], [1], [1]).ShouldBe(2.0, 1e-12);
        Distances.Energy([0, 8], [0, 8], [3, 1], [2, 2]).ShouldBe(1.0000000000000002, 1e-12);
        Distances.Energy([0.7, 7.4, 2.4, 6.8], [1.4, 8], [2.1, 4.2, 7.4, 8.0], [7.6, 8.8]).ShouldBe(0.88003340976158217, 1e-12);
    }

    [Fact]
    public void Distances_WeightsThatMakeNoSense_AreRefused()
    {
        Should.Throw<ArgumentException>(() => Distances.Wasserstein([1], [1], [0], [1]));
        Should.Throw<ArgumentException>(() => Distances.Wasserstein([1, 2], [1], [1], [1]));
        Should.Throw<ArgumentException>(() => Distances.Wasserstein([], [1], [], [1]));
    }

    // scipy.stats.chi2_contingency([[10, 20, 30], [6, 9, 17]]), documentation; with Yates: [[150, 850], [120, 880]].
    [Fact]
    public void ChiSquare_TablesOfCounts_EqualsSciPy()
    {
        var (statistic, degrees, p) = ChiSquareMethod.Test([10, 20, 30], [6, 9, 17]);
        statistic.ShouldBe(0.27157465150403504, 1e-12);
        degrees.ShouldBe(2);
        p.ShouldBe(0.873028283380073, 1e-12);

        (statistic, degrees, p) = ChiSquareMethod.Test([150, 850], [120, 880]);
        statistic.ShouldBe(3.6009419824448727, 1e-12);
        degrees.ShouldBe(1);
        p.ShouldBe(0.057746841509689, 1e-12);
        ChiSquareMethod.Test([7], [9]).ShouldBe((0.0, 0, 1.0));
    }

    // REFERENCE: 150/1000 vs 120/1000, pooled.
    [Fact]
    public void Proportions_TwoShares_GivePooledZ()
    {
        var (z, p) = ProportionMethod.Test(150, 1000, 120, 1000);
        z.ShouldBe(1.963049808, 1e-9);
        p.ShouldBe(0.0496403869, 1e-9);
        ProportionMethod.Test(5, 5, 7, 7).ShouldBe((0.0, 1.0));
    }

    // scipy.spatial.distance.jensenshannon, documentation: base 2, and natural logarithm.
    [Fact]
    public void JensenShannon_TwoDistributions_EqualsSciPyInBaseTwo()
    {
        JensenShannonMethod.Distance([1, 0, 0], [0, 1, 0]).ShouldBe(1, 1e-12);
        (JensenShannonMethod.Distance([1, 0], [0.5, 0.5]) * Math.Sqrt(Math.Log(2))).ShouldBe(0.46450140402245893, 1e-12);
    }

    // Computed with NumPy 1.24 from the definitions: p = [.5, .3, .2], q = [.25, .25, .5].
    [Theory]
    [InlineData("js", 0.28317583773175725)]
    [InlineData("psi", 0.45729009254193054)]
    [InlineData("kl", 0.218011910943328)]
    [InlineData("hellinger", 0.23739748237356084)]
    [InlineData("tv", 0.3)]
    public void Shares_ThreeCategories_GiveTheDefinition(string method, double expected)
    {
        var reference = Samples.Strings("x", [.. Repeat("a", 50), .. Repeat("b", 30), .. Repeat("c", 20)]);
        var current = Samples.Strings("x", [.. Repeat("a", 10), .. Repeat("b", 10), .. Repeat("c", 20)]);

        var column = Detectors.Column(reference, current, method);

        column.Statistic!.Value.ShouldBe(expected, 1e-12);
        column.Rule.ShouldStartWith("categories as they are");
    }

    // Chi-square of REFERENCE's counts against expected 16, 16, 16, 16, 16, 8: Hellinger .06812.
    [Fact]
    public void Hellinger_CountsAgainstExpected_IsThePrintedValue()
    {
        var names = new[] { "a", "b", "c", "d", "e", "f" };
        var observed = Samples.Strings("x", [.. new[] { 16, 18, 16, 14, 12, 12 }.SelectMany((n, i) => Repeat(names[i], n))]);
        var expected = Samples.Strings("x", [.. new[] { 16, 16, 16, 16, 16, 8 }.SelectMany((n, i) => Repeat(names[i], n))]);

        Detectors.Column(expected, observed, "hellinger").Statistic!.Value.ShouldBe(0.06812, 1e-5);
    }

    [Fact]
    public void Shares_EmptyBins_KeepTheMeasuresFinite()
    {
        var (reference, current) = (Samples.Strings("x", "a", "a", "b"), Samples.Strings("x", "c", "c", "c"));

        foreach (var method in new[] { "js", "psi", "kl", "hellinger", "tv" })
        {
            var statistic = Detectors.Column(reference, current, method).Statistic!.Value;
            double.IsFinite(statistic).ShouldBeTrue(method);
            statistic.ShouldBeGreaterThan(0.9, method);
        }
    }

    // lmoments of a uniform: 0, 1/6, 0, 0 about its mean; shifting and stretching changes the first two only.
    [Fact]
    public void Moments_StretchedAndShifted_AreTheEuclideanDistance()
    {
        double[] reference = [.. Enumerable.Range(0, 1001).Select(i => i / 1000.0)];
        double[] current = [.. reference.Select(v => (2 * v) + 1)];
        var deviation = Math.Sqrt(reference.Select(v => (v - 0.5) * (v - 0.5)).Average());

        var column = Detectors.Numbers(reference, current, "moments");

        column.Statistic!.Value.ShouldBe(Math.Sqrt(Math.Pow(1.5 / deviation, 2) + 1), 1e-9);
    }

    // Hosking (1990): L-skewness and L-kurtosis of the exponential distribution are 1/3 and 1/6, its scale is half its mean.
    [Fact]
    public void LMoments_Exponential_AreHoskings()
    {
        var values = Enumerable.Range(0, 200_000).Select(i => -Math.Log(1 - ((i + 0.5) / 200_000))).ToArray();
        var moments = LMoments.Of(Samples.Of(values), 0);
        moments.Location.ShouldBe(1, 1e-4);
        moments.Scale.ShouldBe(0.5, 1e-4);
        moments.Skewness.ShouldBe(1 / 3.0, 1e-4);
        moments.Kurtosis.ShouldBe(1 / 6.0, 1e-4);
    }

    [Fact]
    public void EveryMethod_EqualSamples_FindsNothing()
    {
        var values = Samples.Normal(1, 500);
        foreach (var method in Detectors.Catalogue.Methods.Where(m => m.Name != "z"))
        {
            var column = Detectors.Numbers(values, values, method.Name);
            column.Statistic!.Value.ShouldBe(0, 1e-9, method.Name);
            (column.PValue ?? 1).ShouldBe(1, 1e-9, method.Name);
            column.Drifted.ShouldBeFalse(method.Name);
        }
    }

    private static IEnumerable<string> Repeat(string value, int count) => Enumerable.Repeat(value, count);
}
