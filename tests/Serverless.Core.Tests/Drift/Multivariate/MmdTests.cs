using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Drift.Multivariate;
using Serverless.Drift.Samples;

namespace Serverless.Core.Tests.Drift.Multivariate;

public sealed class MmdTests
{
    private static readonly MmdMethod Mmd = new();

    // x = 0..3, y = 1..5, sigma = 1 in exp(-d^2 / (2 sigma^2)); NumPy 1.24 by the definition in Gretton et al. 2012.
    [Fact]
    public void Squared_FourAndFivePoints_AreTheReferenceValues()
    {
        var mmd = new MaximumMeanDiscrepancy([0, 1, 2, 3, 1, 2, 3, 4, 5], 1, 9, 4, sigma: 1);
        mmd.Unbiased().ShouldBe(-0.0992894168, 1e-10);
        mmd.Biased().ShouldBe(0.2060597967115949, 1e-12);
    }

    [Fact]
    public void Sigma_MedianHeuristic_HalvesTheMedianSquaredDistance()
    {
        // Squared distances of 0, 1, 3: 1, 4, 9.
        new MaximumMeanDiscrepancy([0, 1, 3], 1, 3, 1).Sigma.ShouldBe(Math.Sqrt(4 / 2.0), 1e-12);
        new MaximumMeanDiscrepancy([7, 7, 7, 7], 1, 4, 2).Sigma.ShouldBe(1);
    }

    // All 6,435 relabellings of 7 and 8 points: golden/multivariate.py. Of 20,000 drawn ones p is within four of its own standard errors.
    [Theory]
    [InlineData(0.0, 0.19928475733245732, 0.09774669774669775, 0.23769153787847763)]
    [InlineData(0.6, 0.9360906875126337, 0.0009324009324009324, 0.3800895969767335)]
    [InlineData(1.0, 1.314930477380805, 0.0001554001554001554, 0.5253261098112303)]
    public void Test_SmallSamples_AgreesWithEveryRelabelling(double shift, double statistic, double p, double sigma)
    {
        const int permutations = 20_000;
        var mmd = new MaximumMeanDiscrepancy([.. Samples.Uniform(11, 7), .. Samples.Uniform(23, 8).Select(v => v + shift)], 1, 15, 7);
        mmd.Sigma.ShouldBe(sigma, 1e-12);
        var (found, chance) = mmd.Test(permutations, new Random(1));
        found.ShouldBe(statistic, 1e-12);
        chance.ShouldBe(p, (4 * Math.Sqrt(p * (1 - p) / permutations)) + (1.0 / permutations));
    }

    [Fact]
    public void Compare_SameDistribution_FalseAlarmsStayWithinTheBinomialInterval()
    {
        // 5 of 101 orders reject at 0.05; of 400 runs between 10 and 32 with 99 % confidence (scipy.stats.binom(400, 5/101)).
        var alarms = Enumerable.Range(0, 400).AsParallel().Count(seed => Mmd.Compare(Pair(seed, 40, 0), Pair(seed + 5000, 40, 0), ["x", "y"], new DriftSettings { Seed = seed }, default).Drifted);
        alarms.ShouldBeInRange(10, 32);
    }

    [Theory]
    [InlineData(0.5, 5)]
    [InlineData(0.7, 12)]
    [InlineData(0.9, 19)]
    public void Compare_CorrelationAppears_IsFoundTheMoreTheStronger(double correlation, int atLeastOf20)
    {
        var found = Enumerable.Range(0, 20).AsParallel().Count(seed => Mmd.Compare(Pair(seed, 150, 0), Pair(seed + 5000, 150, correlation), ["x", "y"], new DriftSettings { Seed = seed }, default).Drifted);
        found.ShouldBeGreaterThanOrEqualTo(atLeastOf20);
    }

    [Fact]
    public void Compare_AHundredOfAThousandColumnsShift_IsFoundAfterProjection()
    {
        var names = Enumerable.Range(0, 1000).Select(i => $"c{i}").ToArray();
        IDriftSource Wide(int seed, double shift) => new TableSource(new Table(300, [.. names.Select((n, i) => (TableColumn)new NumberColumn(n, Samples.Normal(seed + i, 300, i < 100 ? shift : 0), null))]), "wide");
        var reference = Wide(1, 0);

        var same = Mmd.Compare(reference, Wide(50_000, 0), names, new DriftSettings(), default);
        var moved = Mmd.Compare(reference, Wide(90_000, 0.5), names, new DriftSettings(), default);

        same.Drifted.ShouldBeFalse();
        moved.Drifted.ShouldBeTrue();
        moved.Rule!.ShouldContain("1000 columns as 1000 coordinates projected at random to 128");
    }

    [Fact]
    public void Compare_UnseenCategoriesAndMissingValues_AreDifferences()
    {
        var settings = new DriftSettings();
        string?[] Cities(params string?[] some) => [.. Enumerable.Range(0, 300).Select(i => some[i % some.Length])];
        IDriftSource Of(params string?[] some) => new TableSource(Samples.Table(Samples.Strings("city", Cities(some))), "x");

        Mmd.Compare(Of("a", "b"), Of("b", "a"), ["city"], settings, default).Drifted.ShouldBeFalse();
        Mmd.Compare(Of("a", "b"), Of("a", "c"), ["city"], settings, default).Drifted.ShouldBeTrue();
        Mmd.Compare(Of("a", "b"), Of("a", "b", null), ["city"], settings, default).Drifted.ShouldBeTrue();
    }

    [Fact]
    public void Compare_NothingToTellApart_SaysWhy()
    {
        var constant = new TableSource(Samples.Table(Samples.Numbers("x", 3, 3, 3)), "x");
        var verdict = Mmd.Compare(constant, constant, ["x"], new DriftSettings(), default);
        (verdict.Drifted, verdict.PValue, verdict.Rule).ShouldBe((false, 1.0, "every column is constant over both sides: there is nothing to compare"));

        var empty = new TableSource(Samples.Table(Samples.Numbers("x", double.NaN, double.NaN)), "x");
        Mmd.Compare(constant, empty, ["x"], new DriftSettings(), default).PValue!.Value.ShouldBeInRange(0, 1); // filled against missing
        var one = new TableSource(Samples.Table(Samples.Numbers("x", 5)), "x");
        Mmd.Compare(constant, one, ["x"], new DriftSettings(), default).PValue!.Value.ShouldBeGreaterThan(0.1); // one row proves nothing
    }

    internal static TableSource Pair(int seed, int rows, double correlation)
    {
        var (x, e) = (Samples.Normal(2 * seed, rows), Samples.Normal((2 * seed) + 1, rows));
        var y = x.Select((v, i) => (correlation * v) + (Math.Sqrt(1 - (correlation * correlation)) * e[i])).ToArray();
        return new TableSource(Samples.Table(Samples.Numbers("x", x), Samples.Numbers("y", y)), "rows");
    }
}
