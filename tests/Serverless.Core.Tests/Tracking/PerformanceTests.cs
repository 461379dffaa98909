using Serverless.Evaluation;
using Serverless.Statistics;
using Serverless.Tracking;

namespace Serverless.Core.Tests.Tracking;

public sealed class PerformanceTests
{
    private static readonly MetricDescription Auc = new("auc", true, "");

    // scipy.stats.theilslopes 1.10, alpha 0.95.
    [Fact]
    public void Fit_TenPoints_EqualsScipy()
    {
        var trend = TheilSen.Fit([0, 1, 2, 3.5, 7, 8, 10, 14, 15, 21], [.70, .71, .705, .72, .71, .73, .735, .72, .74, .75])!;
        trend.Slope.ShouldBe(0.0023076923076923096, 1e-14);
        trend.Lower.ShouldBe(0.0014285714285714299, 1e-14);
        trend.Upper.ShouldBe(0.0037500000000000033, 1e-14);
    }

    [Fact]
    public void Fit_Ties_EqualsScipy()
    {
        var trend = TheilSen.Fit([0, 1, 1, 2, 3, 4], [1, 2, 2, 3, 5, 1])!;
        (trend.Slope, trend.Lower, trend.Upper).ShouldBe((1.0, -1.0, 1.5));
    }

    [Fact]
    public void Fit_TooFewOrOneMoment_IsNothing()
    {
        TheilSen.Fit([0, 1], [1, 2]).ShouldBeNull();
        TheilSen.Fit([3, 3, 3], [1, 2, 3]).ShouldBeNull();
    }

    // ISO weeks: 2024-12-30 is a Monday of 2025-W01; 2027-01-03 a Sunday of 2026-W53.
    [Fact]
    public void Of_Weeks_AreThoseOfIso8601()
    {
        var series = ModelPerformance.Of(Auc, [Point("2024-12-29", .7), Point("2024-12-30", .6), Point("2025-01-02", .9), Point("2025-01-05", .8), Point("2027-01-03", .5)]);
        series.Weeks.Select(w => w.Week).ShouldBe(["2024-W52", "2025-W01", "2026-W53"]);
        var week = series.Weeks[1];
        (week.Trainings, week.Max, week.Min, week.Median).ShouldBe((3, .9, .6, .8));
        week.Mean.ShouldBe(2.3 / 3, 1e-12);
    }

    [Fact]
    public void Of_FallingAuc_SaysGettingWorse() =>
        ModelPerformance.Of(Auc, [.. Enumerable.Range(0, 12).Select(i => Point($"2026-01-{i + 1:00}", .9 - (i * .01) + (i % 2 * .001)))]).Words.ShouldStartWith("getting worse: falling by -0.07 a week, 95 % interval");

    [Fact]
    public void Of_FallingLoss_SaysGettingBetter() =>
        ModelPerformance.Of(new MetricDescription("log-loss", false, ""), [.. Enumerable.Range(0, 12).Select(i => Point($"2026-01-{i + 1:00}", .9 - (i * .01)))]).Words.ShouldStartWith("getting better: falling");

    [Fact]
    public void Of_Noise_HasNoClearTrend()
    {
        var random = new Random(8);
        ModelPerformance.Of(Auc, [.. Enumerable.Range(0, 20).Select(i => Point($"2026-01-{i + 1:00}", .8 + (random.NextDouble() / 50)))]).Words.ShouldStartWith("no clear trend");
    }

    [Fact]
    public void Of_TwoTrainings_IsTooFew() => ModelPerformance.Of(Auc, [Point("2026-01-01", .8), Point("2026-01-02", .9)]).Words.ShouldBe("too few trainings at different times for a trend");

    private static PerformancePoint Point(string day, double value) => new($"train-{day}", 1, DateTimeOffset.Parse(day + "T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture), value);
}
