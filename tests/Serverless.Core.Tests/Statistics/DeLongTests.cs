using Serverless.Evaluation.Weighted;
using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Core.Tests.Statistics;

public sealed class DeLongTests
{
    private static readonly double[] Truth = [0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0];
    private static readonly double[] First = [.1, .8, .4, .35, .9, .2, .4, .7, .4, .3, .6, .65];
    private static readonly double[] Second = [.3, .6, .2, .5, .7, .5, .1, .4, .55, .45, .8, .2];

    // From the definition of 1988 (all pairs, sample covariances of the structural components), in NumPy.
    [Fact]
    public void Compare_TwelveRowsWithTies_EqualsTheDefinition()
    {
        var found = DeLong.Compare(Truth, First, Second).ShouldNotBeNull();
        found.First.ShouldBe(0.8333333333333334, 1e-14);
        found.Second.ShouldBe(0.9305555555555556, 1e-14);
        found.VarianceOfFirst.ShouldBe(0.014351851851851852, 1e-14);
        found.VarianceOfSecond.ShouldBe(0.005015432098765432, 1e-14);
        found.Covariance.ShouldBe(-0.0032407407407407406, 1e-14);
        found.PValue.ShouldBe(0.5453730994899381, 1e-12);
        var interval = found.Interval(0.95);
        interval.Lower.ShouldBe(-0.0972222222222222 - (1.959963984540054 * Math.Sqrt(0.025848765432098766)), 1e-12);
        interval.Method.ShouldBe("delong");
    }

    [Fact]
    public void Compare_TwoHundredRows_EqualsTheDefinition()
    {
        var truth = Enumerable.Range(0, 200).Select(i => i * 7 % 10 < 4 ? 1.0 : 0).ToArray();
        var found = DeLong.Compare(truth, [.. truth.Select((t, i) => (i * 37 % 101 / 101.0) + (0.3 * t))], [.. truth.Select((t, i) => (i * 53 % 97 / 97.0) + (0.2 * t))]).ShouldNotBeNull();
        found.First.ShouldBe(0.7934375, 1e-13);
        found.Second.ShouldBe(0.7002083333333333, 1e-13);
        found.VarianceOfFirst.ShouldBe(0.000982833739706326, 1e-15);
        found.VarianceOfSecond.ShouldBe(0.0013691317468443073, 1e-15);
        found.Covariance.ShouldBe(4.449182692591799e-05, 1e-15);
        found.PValue.ShouldBe(0.05001942704710068, 1e-11);
    }

    [Fact]
    public void Compare_TheSameScores_DifferInNothing() => DeLong.Compare(Truth, First, [.. First.Select(f => Math.Exp(f))]).ShouldNotBeNull().ShouldSatisfyAllConditions(
        c => c.Difference.ShouldBe(0), c => c.StandardError.ShouldBe(0, 1e-9), c => c.PValue.ShouldBe(1));

    [Fact]
    public void Compare_OneClassOrNotANumber_SaysNothing()
    {
        DeLong.Compare([1, 1, 1], [.1, .2, .3], [.3, .2, .1]).ShouldBeNull();
        DeLong.Compare([1, 0, 0], [.1, .2, .3], [.3, .2, .1]).ShouldBeNull();
        DeLong.Compare([1, 0, 1, 0], [.1, .2, double.NaN, .3], [.3, .2, .1, .4]).ShouldNotBeNull().PValue.ShouldBe(double.NaN);
    }

    // Two models equally good, whose scores have noise in common: p-values below 0.05 as often as a binomial of 400 allows (0.999 interval 3 to 38).
    [Theory, InlineData(11), InlineData(23), InlineData(42)]
    public void FalseAlarms_EquallyGood_StayWithinTheBinomialInterval(int seed)
    {
        var random = new Random(seed);
        Enumerable.Range(0, 400).Count(_ => Simulated(random, 300, 1, 1) < 0.05).ShouldBeInRange(6, 36);
    }

    [Fact]
    public void Power_OneClearlyBetter_IsFound()
    {
        var random = new Random(7);
        Enumerable.Range(0, 100).Count(_ => Simulated(random, 1000, 1.4, 0.6) < 0.05).ShouldBeGreaterThan(95);
    }

    // The bootstrap knows nothing of the formula: their intervals of the same difference are to agree.
    [Fact]
    public void Interval_AgreesWithThePairedBootstrap()
    {
        var (truth, first, second) = Scores(new Random(3), 2000, 1.2, 0.9);
        var exact = DeLong.Compare(truth, first, second)!.Interval(0.95);
        var (interval, replicates) = PairedBootstrap.Difference(
            WeightedMetric.Of(TaskKind.Binary, "auc", truth, first)!, WeightedMetric.Of(TaskKind.Binary, "auc", truth, second)!, truth.Length, 0.95, 42, 2000);
        replicates.ShouldBe(2000);
        var width = exact.Upper - exact.Lower;
        interval.ShouldNotBeNull().Lower.ShouldBe(exact.Lower, width * 0.06);
        interval.Upper.ShouldBe(exact.Upper, width * 0.06);
    }

    private static double Simulated(Random random, int rows, double first, double second)
    {
        var (truth, a, b) = Scores(random, rows, first, second);
        return DeLong.Compare(truth, a, b)!.PValue;
    }

    private static (double[] Truth, double[] First, double[] Second) Scores(Random random, int rows, double first, double second)
    {
        var (truth, a, b) = (new double[rows], new double[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            truth[i] = random.NextDouble() < 0.4 ? 1 : 0;
            var common = Gauss(random);
            a[i] = (first * truth[i]) + common + Gauss(random);
            b[i] = (second * truth[i]) + common + Gauss(random);
        }

        return (truth, a, b);
    }

    private static double Gauss(Random random) => NormalQuantile.Of(1 - random.NextDouble());
}
