using Microsoft.Extensions.DependencyInjection;
using Serverless.Drift;
using Serverless.Drift.Multivariate;
using Serverless.Drift.Samples;
using Serverless.Problems;

namespace Serverless.Core.Tests.Drift.Multivariate;

public sealed class ClassifierTests
{
    private static readonly ClassifierMethod Classifier = new();

    // scipy.stats.mannwhitneyu(A, C, alternative="greater", method="asymptotic") of REFERENCE_VALUES' samples; U of A is 49 of 64. And one with ties: ([1,2,2,3],[2,3,3,4,5]).
    [Fact]
    public void MannWhitney_KnownSamples_AgreesWithSciPy()
    {
        var (area, p) = MannWhitney.Greater(Samples.C, Samples.A);
        area.ShouldBe(49 / 64.0, 1e-12);
        p.ShouldBe(0.041561468479951666, 1e-9);
        var ties = MannWhitney.Greater([1, 2, 2, 3], [2, 3, 3, 4, 5]);
        ties.Area.ShouldBe(0.85, 1e-12);
        ties.PValue.ShouldBe(0.04967112392673264, 1e-9);
    }

    // scikit-learn's HistGradientBoostingClassifier of the same size on the same values: golden/multivariate.py. The halves differ, and an area's standard error is 0.01 there.
    [Theory]
    [InlineData(0.0, 0.505)]
    [InlineData(0.3, 0.651)]
    [InlineData(0.5, 0.764)]
    [InlineData(0.8, 0.893)]
    public void Compare_TwoColumnsThatHangTogether_HasTheAreaOfScikitLearn(double together, double area)
    {
        const int rows = 2000;
        var (x, y) = (Samples.Uniform(103, rows), Samples.Uniform(104, rows));
        var verdict = Classifier.Compare(
            new TableSource(Samples.Table(Samples.Numbers("x", Samples.Uniform(101, rows)), Samples.Numbers("y", Samples.Uniform(102, rows))), "before"),
            new TableSource(Samples.Table(Samples.Numbers("x", x), Samples.Numbers("y", [.. y.Select((v, i) => (together * x[i]) + ((1 - together) * v))])), "after"), ["x", "y"], new DriftSettings(), default);
        verdict.Statistic.ShouldBe(area, 0.02);
        verdict.Drifted.ShouldBe(together > 0);
    }

    [Fact]
    public void Compare_SameDistribution_FalseAlarmsStayWithinTheBinomialInterval()
    {
        // Twice the smaller of two p-values rejects at most 5 %; of 400 runs at most 33 with 99.9 % confidence, and some, or the test could not see anything.
        var alarms = Enumerable.Range(0, 400).AsParallel().Count(seed => Verdict(seed, 60, 0).PValue < 0.05);
        alarms.ShouldBeInRange(6, 33);
    }

    [Theory]
    [InlineData(0.5, 5)]
    [InlineData(0.7, 14)]
    [InlineData(0.9, 20)]
    public void Compare_CorrelationAppears_IsFoundTheMoreTheStronger(double correlation, int atLeastOf20) =>
        Enumerable.Range(0, 20).AsParallel().Count(seed => Verdict(seed, 500, correlation).Drifted).ShouldBeGreaterThanOrEqualTo(atLeastOf20);

    [Fact]
    public void Compare_CorrelationAppears_IsMissedColumnByColumn()
    {
        using var services = new ServiceCollection().AddDrift().BuildServiceProvider();
        var report = services.GetRequiredService<IDriftDetector>().Compare(MmdTests.Pair(1, 500, 0), MmdTests.Pair(5001, 500, 0.9), new DriftSettings());
        report.Columns.ShouldAllBe(c => !c.Drifted);
        services.GetRequiredService<IDriftDetector>().Compare(MmdTests.Pair(1, 500, 0), MmdTests.Pair(5001, 500, 0.9), new DriftSettings { Method = "classifier" }).Drifted.ShouldBeTrue();
    }

    [Fact]
    public void Compare_OneColumnMoves_NamesIt()
    {
        TableSource Rows(int seed, double shift) => new(Samples.Table(
            Samples.Numbers("still", Samples.Normal(seed, 400)), Samples.Numbers("moved", Samples.Normal(seed + 1, 400, shift)), Samples.Numbers("quiet", Samples.Normal(seed + 2, 400))), "rows");
        var verdict = Classifier.Compare(Rows(1, 0), Rows(11, 1), ["still", "moved", "quiet"], new DriftSettings(), default);
        verdict.Drifted.ShouldBeTrue();
        verdict.Statistic.ShouldBeInRange(0.70, 0.80); // two normal distributions one deviation apart: Phi(1 / sqrt 2) = 0.760
        verdict.Contributions!.Keys.First().ShouldBe("moved");
        verdict.Contributions.Values.Sum().ShouldBe(1, 1e-9);
        verdict.Contributions["moved"].ShouldBeGreaterThan(0.5);
    }

    [Fact]
    public void Compare_UnseenCategoriesAndMissingValues_AreDifferences()
    {
        TableSource Of(params string?[] some) => new(Samples.Table(Samples.Strings("city", [.. Enumerable.Range(0, 300).Select(i => some[i % some.Length])])), "x");
        Classifier.Compare(Of("a", "b"), Of("b", "a"), ["city"], new DriftSettings(), default).Drifted.ShouldBeFalse();
        Classifier.Compare(Of("a", "b"), Of("a", "c"), ["city"], new DriftSettings(), default).Drifted.ShouldBeTrue();
        Classifier.Compare(Of("a", "b"), Of("a", "b", null), ["city"], new DriftSettings(), default).Drifted.ShouldBeTrue();
    }

    [Fact]
    public void Compare_FewRowsOrAThresholdOfACoin_SaysSo()
    {
        var few = new TableSource(Samples.Table(Samples.Numbers("x", 1, 2, 3)), "x");
        Classifier.Compare(few, few, ["x"], new DriftSettings(), default).Rule!.ShouldContain("fewer than 20 rows");
        Should.Throw<RequestException>(() => Classifier.Compare(few, few, ["x"], new DriftSettings { Threshold = 0.05 }, default))
            .Message.ShouldBe("the threshold of 'classifier' is an area under the ROC curve above 0.5 (a coin) and below 1, not 0.05.");
    }

    private static DatasetDrift Verdict(int seed, int rows, double correlation) =>
        Classifier.Compare(MmdTests.Pair(seed, rows, 0), MmdTests.Pair(seed + 5000, rows, correlation), ["x", "y"], new DriftSettings { Seed = seed }, default);
}
