using Serverless.Series.Anomalies;

namespace Serverless.Core.Tests.Series.Anomalies;

/// <summary>Values of Deequ's OnlineNormalStrategyTest and BatchNormalStrategyTest, drawn from the same generator with the same seed.</summary>
public sealed class NormalTests
{
    private const string Lower = "lowerDeviationFactor";
    private const string Upper = "upperDeviationFactor";

    private static readonly OnlineNormal Online = new();
    private static readonly BatchNormal Batch = new();

    [Fact]
    public void Online_Everything_FindsThePlantedOnes()
    {
        Online.Anomalous(Deequs(51), Online.With((Lower, "3.5"), (Upper, "3.5"), ("ignoreStartPercentage", "0.2"))).ShouldBe(Strategies.Range(20, 30));
        Online.Anomalous(Deequs(51), Online.With((Lower, "1.5"), (Upper, "1.5"), ("ignoreStartPercentage", "0.2")), 25, 31).ShouldBe(Strategies.Range(25, 30));
    }

    [Fact]
    public void Online_OneSide_FindsThatSide()
    {
        Online.Anomalous(Deequs(51), Online.With((Lower, "none"), (Upper, "1.5"), ("minHistory", "2"))).ShouldBe(Strategies.Range(20, 30, 2));
        Online.Anomalous(Deequs(51), Online.With((Lower, "1.5"), (Upper, "none"), ("minHistory", "2"))).ShouldBe(Strategies.Range(21, 29, 2));
        Online.Anomalous(Deequs(51), Online.With((Lower, "1e300"), (Upper, "1e300"))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("true", 1.0, 0.0)]
    [InlineData("false", 8.0 / 7, 0.34992710611188255)] // numpy.std of the seven values
    public void Online_AnAnomaly_EntersMeanAndDeviationOnlyWhenAsked(string ignore, double mean, double deviation)
    {
        double[] series = [1, 1, 1, 2, 1, 1, 1];
        var settings = Online.With((Lower, "1.5"), (Upper, "1.5"), ("ignoreStartPercentage", "0.2"), ("minHistory", "2"), ("ignoreAnomalies", ignore));
        var found = Online.Detect(series, 0, 7, settings);
        found.Count(j => j.Anomalous).ShouldBe(1);

        var last = OnlineNormal.Walk(series, settings, (i, _, _, _) => found[i].Anomalous);

        last.Mean.ShouldBe(mean, 1e-12);
        last.Deviation.ShouldBe(deviation, 1e-12);
    }

    // REFERENCE: Deequ, "ignore values in interval for mean/ stdDev if specified".
    [Fact]
    public void Batch_TrainedOutsideTheInterval_FindsBothInIt()
    {
        double[] series = [1, 1, 1, 1000, 500, 1];

        Batch.Anomalous(series, Batch.With(("minHistory", "2")), 3, 5).ShouldBe([3, 4]);
        Batch.Anomalous(series, Batch.With(("minHistory", "2"), ("includeInterval", "true")), 3, 5).ShouldBeEmpty();
    }

    [Fact]
    public void Batch_AnInterval_FindsThePlantedOnes()
    {
        Batch.Anomalous(Deequs(50), Batch.With((Lower, "1"), (Upper, "1")), 25, 50).ShouldBe(Strategies.Range(25, 30));
        Batch.Anomalous(Deequs(50), Batch.With((Lower, "none"), (Upper, "1")), 20, 31).ShouldBe(Strategies.Range(20, 30, 2));
        Batch.Anomalous(Deequs(50), Batch.With((Lower, "1"), (Upper, "none")), 10, 30).ShouldBe(Strategies.Range(21, 29, 2));
    }

    [Fact]
    public void Batch_NothingOutsideTheInterval_IsNotApplicable()
    {
        var judged = Batch.Detect(Deequs(50), 0, 50, Batch.With());

        judged.ShouldAllBe(j => !j.Anomalous && j.NotApplicable == "too little history: 7 earlier values are needed, there are 0");
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1e17)]
    [InlineData(-3.3333)]
    public void Constant_Series_HasNoAnomalyAndAnyOtherValueIsOne(double constant)
    {
        double[] series = [.. Enumerable.Repeat(constant, 30), constant * 1.01];

        foreach (IAnomalyStrategy strategy in new IAnomalyStrategy[] { Online, Batch })
        {
            for (var i = 1; i < series.Length; i++) strategy.Anomalous(series[..(i + 1)], strategy.With(), i).ShouldBe(i == 30 ? [30] : [], strategy.Name);
        }
    }

    private static double[] Deequs(int length)
    {
        var random = new JavaRandom(1);
        double[] series = [.. Enumerable.Range(0, length).Select(_ => random.NextGaussian())];
        for (var i = 20; i <= 30; i++) series[i] += i + (i % 2 * -2 * i);
        return series;
    }
}
