using Serverless.Series.Anomalies;

namespace Serverless.Core.Tests.Series.Anomalies;

/// <summary>How often a strategy cries wolf on series without a fault, and how often it sees one that was planted. Seeded.</summary>
public sealed class CalibrationTests
{
    private const int Runs = 400;

    // A factor of 3 means 0.27 % of a normal distribution; with a mean and deviation estimated from 30 values somewhat more (Student: 0.6 %). Bounds: 4 standard errors.
    [Theory]
    [InlineData("batch-normal", 0.0, 0.022)]
    [InlineData("online-normal", 0.0, 0.015)]
    [InlineData("holt-winters", 0.02, 0.14)] // 1.96 means 5 %; forecasting adds its own error
    public void FalseAlarms_OnANormalSeries_StayLow(string name, double least, double most)
    {
        var strategy = Find(name);
        var alarms = 0;
        for (var seed = 0; seed < Runs; seed++)
        {
            var series = Series(seed, name);
            alarms += strategy.Detect(series, series.Length - 1, series.Length, strategy.With())[0].Anomalous ? 1 : 0;
        }

        ((double)alarms / Runs).ShouldBeInRange(least, most);
    }

    [Theory]
    [InlineData("batch-normal")]
    [InlineData("online-normal")]
    [InlineData("holt-winters")]
    public void Detection_OfAValueEightDeviationsOff_IsNearlyAlways(string name)
    {
        var strategy = Find(name);
        var seen = 0;
        for (var seed = 0; seed < Runs; seed++)
        {
            var series = Series(seed, name);
            series[^1] += seed % 2 == 0 ? 8 : -8;
            seen += strategy.Detect(series, series.Length - 1, series.Length, strategy.With())[0].Anomalous ? 1 : 0;
        }

        ((double)seen / Runs).ShouldBeGreaterThan(0.97);
    }

    [Fact]
    public void ShortHistories_NeverAlarm()
    {
        foreach (var name in new[] { "batch-normal", "online-normal", "holt-winters", "absolute-change", "relative-rate" })
        {
            var strategy = Find(name);
            var settings = name is "absolute-change" or "relative-rate" ? strategy.With(("max", "0")) : strategy.With();
            var least = name switch { "holt-winters" => 14, "absolute-change" or "relative-rate" => 1, _ => 7 };
            for (var length = 1; length <= least; length++)
            {
                double[] series = [.. Enumerable.Range(1, length).Select(i => Math.Pow(10, i))];
                var judged = strategy.Detect(series, length - 1, length, settings)[0];
                judged.Anomalous.ShouldBeFalse();
                judged.NotApplicable.ShouldNotBeNull($"{name}, {length} values").ShouldStartWith("too little history");
            }
        }
    }

    private static double[] Series(int seed, string name)
    {
        var random = new JavaRandom(seed);
        return [.. Enumerable.Range(0, 57).Select(t => 100 + random.NextGaussian() + (name == "holt-winters" ? 5 * Math.Sin(2 * Math.PI * t / 7) : 0))];
    }

    private static IAnomalyStrategy Find(string name) => name switch
    {
        "batch-normal" => new BatchNormal(),
        "online-normal" => new OnlineNormal(),
        "holt-winters" => new HoltWinters(),
        "absolute-change" => new AbsoluteChange(),
        _ => new RelativeRate(),
    };
}
