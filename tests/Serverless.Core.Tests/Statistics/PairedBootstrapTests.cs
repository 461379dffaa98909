using Serverless.Evaluation.Weighted;
using Serverless.Models;
using Serverless.Evaluation;
using Serverless.Statistics;

namespace Serverless.Core.Tests.Statistics;

public sealed class PairedBootstrapTests
{
    private static readonly byte[] Weights = [1, 0, 2, 1, 3, 1, 0, 1, 2, 1, 1, 4];
    private static readonly double[] Truth = [0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0];
    private static readonly double[] Scores = [.1, .8, .4, .35, .9, .2, .4, .7, .4, .3, .6, .65];

    // scikit-learn 1.2.1 with sample_weight.
    [Theory]
    [InlineData("auc", 0.7222222222222222)]
    [InlineData("pr-auc", 0.7754884004884005)]
    [InlineData("log-loss", 0.5865943799625088)]
    [InlineData("brier", 0.21014705882352946)]
    [InlineData("f1", 0.5882352941176471)]
    [InlineData("precision", 0.5555555555555556)]
    [InlineData("recall", 0.625)]
    [InlineData("accuracy", 0.5882352941176471)]
    public void WeightedMetric_Binary_EqualsScikitLearn(string metric, double expected) => WeightedMetric.Of(TaskKind.Binary, metric, Truth, Scores)!.Compute(Weights).ShouldBe(expected, 1e-14);

    [Theory]
    [InlineData("r2", 0.9414450014744913)]
    [InlineData("rmse", 0.5861138215097013)]
    [InlineData("mae", 0.5411764705882354)]
    [InlineData("mape", 0.21505984211866566)]
    public void WeightedMetric_Regression_EqualsScikitLearn(string metric, double expected) => WeightedMetric.Of(TaskKind.Regression, metric,
        [3, 5, 2.5, 7, 1, 4, 6, 8, 2, 9, 3.5, 5.5], [2.5, 5.1, 2.8, 6, 1.7, 4.4, 5.5, 8.8, 2.2, 8.1, 3.0, 6.0])!.Compute(Weights).ShouldBe(expected, 1e-13);

    [Theory]
    [InlineData("log-loss", 0.7094495696512624)]
    [InlineData("accuracy", 0.7647058823529411)]
    [InlineData("macro-f1", 0.6910256410256409)]
    public void WeightedMetric_Multiclass_EqualsScikitLearn(string metric, double expected) => WeightedMetric.Of(TaskKind.Multiclass, metric, [0, 1, 2, 1, 2, 0, 0, 2, 1, 1, 0, 0],
        [.6, .3, .1, .2, .5, .3, .1, .2, .7, .4, .4, .2, .3, .3, .4, .8, .1, .1, .2, .6, .2, .1, .1, .8, .5, .25, .25, .3, .4, .3, .2, .2, .6, .7, .2, .1], 3)!.Compute(Weights).ShouldBe(expected, 1e-14);

    // What the gate resamples is what the run reports.
    [Theory, InlineData(TaskKind.Binary), InlineData(TaskKind.Multiclass), InlineData(TaskKind.Regression)]
    public void WeightedMetric_AllWeightsOne_IsTheMetric(TaskKind task)
    {
        var random = new Random(5);
        var classes = task == TaskKind.Multiclass ? 6 : task == TaskKind.Binary ? 2 : 0;
        var truth = Enumerable.Range(0, 500).Select(_ => task == TaskKind.Regression ? 1 + (random.NextDouble() * 9) : random.Next(classes)).ToArray();
        double[] outputs = [.. truth.SelectMany(t => task == TaskKind.Multiclass ? Shares(random) : [task == TaskKind.Regression ? t + random.NextDouble() : Math.Round(random.NextDouble(), 2)])];
        var metrics = Metrics.Compute(task, truth, outputs, classes);
        metrics.Count.ShouldBe(MetricCatalogue.Of(task).Count);
        foreach (var (name, value) in metrics) WeightedMetric.Of(task, name, truth, outputs, classes)!.Compute([.. Enumerable.Repeat((byte)1, 500)]).ShouldBe(value, 1e-11, name);
    }

    [Fact]
    public void WeightedMetric_UnknownName_IsNothing() => WeightedMetric.Of(TaskKind.Binary, "rmse", Truth, Scores).ShouldBeNull();

    // Poisson(1): mean 1, variance 1, share of zeros exp(-1).
    [Fact]
    public void Weights_ArePoisson()
    {
        var weights = new byte[1_000_003];
        PoissonWeights.Fill(weights, 42, 0);
        weights.Average(w => w).ShouldBe(1, 0.004);
        weights.Average(w => (w - 1.0) * (w - 1.0)).ShouldBe(1, 0.008);
        weights.Average(w => w == 0 ? 1.0 : 0).ShouldBe(Math.Exp(-1), 0.002);
        weights.Average(w => w == 3 ? 1.0 : 0).ShouldBe(Math.Exp(-1) / 6, 0.001);
    }

    [Fact]
    public void Weights_SeedAndReplicate_DecideThem()
    {
        byte[] Of(int seed, int replicate)
        {
            var weights = new byte[97];
            PoissonWeights.Fill(weights, seed, replicate);
            return weights;
        }

        Of(1, 2).ShouldBe(Of(1, 2));
        Of(1, 2).ShouldNotBe(Of(1, 3));
        Of(1, 2).ShouldNotBe(Of(2, 2));
        Of(1, 0).ShouldNotBe(Of(0, 1));
    }

    [Fact]
    public void Difference_SameSeed_IsTheSameToTheBit()
    {
        var (truth, first, second) = Losses(new Random(1), 1000, 0.2);
        Of(truth, first, second).ShouldBe(Of(truth, first, second));
    }

    // On a mean, the bootstrap is the paired t interval; with few replicates too, which go by the normal distribution.
    [Theory, InlineData(2000, 0.06), InlineData(400, 0.12)]
    public void Difference_OfMeans_AgreesWithPairedT(int replicates, double part)
    {
        var (truth, first, second) = Losses(new Random(2), 1500, 0.1);
        double[] differences = [.. truth.Select((t, i) => Math.Abs(first[i] - t) - Math.Abs(second[i] - t))];
        var exact = PairedT.Of(differences)!.Interval(0.95);
        var interval = Of(truth, first, second, replicates).ShouldNotBeNull();
        interval.Lower.ShouldBe(exact.Lower, (exact.Upper - exact.Lower) * part);
        interval.Upper.ShouldBe(exact.Upper, (exact.Upper - exact.Lower) * part);
    }

    // 200 holdouts of 400 rows on which both are equally good: the 95 % interval misses zero as often as a binomial allows (0.9999 interval 1 to 24).
    [Theory, InlineData(11), InlineData(23)]
    public void FalseAlarms_EquallyGood_StayWithinTheBinomialInterval(int seed)
    {
        var random = new Random(seed);
        Enumerable.Range(0, 200).Count(_ => Losses(random, 400, 0) is var (t, a, b) && Of(t, a, b, 400) is var i && (i!.Lower > 0 || i.Upper < 0)).ShouldBeInRange(1, 24);
    }

    [Fact]
    public void Power_OneClearlyBetter_IsFound()
    {
        var random = new Random(5);
        Enumerable.Range(0, 50).Count(_ => Losses(random, 400, 0.5) is var (t, a, b) && Of(t, a, b, 400)!.Upper < 0).ShouldBeGreaterThan(45);
    }

    [Fact]
    public void Difference_HardlyEverDefined_HasNoInterval()
    {
        // One positive row: in 37 % of the replicates it does not occur; with none at all, in all of them.
        double[] truth = [.. Enumerable.Repeat(0.0, 50)], scores = [.. Enumerable.Range(0, 50).Select(i => i / 50.0)];
        var figure = WeightedMetric.Of(TaskKind.Binary, "pr-auc", truth, scores)!;
        PairedBootstrap.Difference(figure, figure, 50, 0.95, 1, 200).ShouldBe((null, 0));
    }

    [Fact]
    public void Replicates_AreCappedByTheWork()
    {
        PairedBootstrap.Replicates(500).ShouldBe(2000);
        PairedBootstrap.Replicates(100_000).ShouldBe(200);
        PairedBootstrap.Replicates(10_000_000).ShouldBe(100);
    }

    private static Interval? Of(double[] truth, double[] first, double[] second, int replicates = 500) => PairedBootstrap.Difference(
        WeightedMetric.Of(TaskKind.Regression, "mae", truth, first)!, WeightedMetric.Of(TaskKind.Regression, "mae", truth, second)!, truth.Length, 0.95, 42, replicates).Interval;

    /// <summary>Two regressions; the second's errors are larger by a factor of 1 + <paramref name="worse"/>.</summary>
    private static (double[] Truth, double[] First, double[] Second) Losses(Random random, int rows, double worse)
    {
        double[] truth = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() * 10)];
        return (truth, [.. truth.Select(t => t + Gauss(random))], [.. truth.Select(t => t + ((1 + worse) * Gauss(random)))]);
    }

    private static double Gauss(Random random) => NormalQuantile.Of(1 - random.NextDouble());

    private static double[] Shares(Random random)
    {
        double[] values = [.. Enumerable.Range(0, 6).Select(_ => random.NextDouble())];
        return [.. values.Select(v => v / values.Sum())];
    }
}
