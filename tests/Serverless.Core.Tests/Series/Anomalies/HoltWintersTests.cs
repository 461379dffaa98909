using Serverless.Series.Anomalies;

namespace Serverless.Core.Tests.Series.Anomalies;

/// <summary>Series and answers of Deequ's HoltWintersTest.</summary>
public sealed class HoltWintersTests
{
    private static readonly HoltWinters Strategy = new();
    private static readonly StrategySettings AsDeequ = Strategy.With(("residuals", "absolute"));

    // datamarket.com, monthly milk production, pounds per cow, 1962 to 1965.
    private static readonly double[] Milk =
    [
        589, 561, 640, 656, 727, 697, 640, 599, 568, 577, 553, 582, 600, 566, 653, 673, 742, 716, 660, 617, 583, 587, 565, 598,
        628, 618, 688, 705, 770, 736, 678, 639, 604, 611, 594, 634, 658, 622, 709, 722, 782, 756, 702, 653, 615, 621, 602, 635,
    ];

    // datamarket.com, monthly car sales in Quebec, 1960 to 1963.
    private static readonly double[] Cars =
    [
        6550, 8728, 12026, 14395, 14587, 13791, 9498, 8251, 7049, 9545, 9364, 8456, 7237, 9374, 11837, 13784, 15926, 13821, 11143, 7975, 7610, 10015, 12759, 8816,
        10677, 10947, 15200, 17010, 20900, 16205, 12143, 8997, 5568, 11474, 12256, 10583, 10862, 10965, 14405, 20379, 20128, 17816, 12268, 8642, 7962, 13932, 15936, 12628,
    ];

    // kaggle.com, traffic prediction dataset: seven days of hours.
    private static readonly double[] Traffic =
    [
        15, 13, 10, 7, 9, 6, 9, 8, 11, 12, 15, 17, 16, 15, 16, 12, 12, 16, 17, 20, 17, 19, 20, 15,
        14, 12, 14, 12, 12, 11, 13, 14, 12, 22, 32, 31, 35, 26, 34, 30, 27, 27, 24, 26, 29, 32, 30, 27,
        21, 18, 19, 13, 11, 11, 11, 14, 15, 29, 33, 32, 32, 29, 27, 26, 28, 26, 25, 29, 26, 24, 25, 20,
        18, 18, 13, 13, 10, 12, 13, 11, 13, 22, 26, 27, 31, 24, 23, 26, 26, 24, 23, 25, 26, 24, 26, 24,
        19, 20, 18, 13, 13, 9, 12, 12, 15, 16, 23, 24, 25, 24, 26, 22, 20, 20, 22, 26, 22, 21, 21, 21,
        16, 18, 19, 14, 12, 13, 14, 14, 13, 20, 22, 26, 26, 21, 23, 23, 19, 19, 20, 24, 18, 19, 16, 17,
        16, 16, 10, 9, 8, 7, 9, 8, 12, 13, 17, 14, 14, 14, 14, 11, 15, 13, 12, 17, 18, 17, 16, 15,
    ];

    [Fact]
    public void Milk_AYearAhead_HasSevenAnomaliesAsInDeequ() => Strategy.Anomalous(Milk, Strategy.Monthly(("residuals", "absolute")), 36).Length.ShouldBe(7);

    [Fact]
    public void Cars_AYearAhead_HasThreeAnomaliesAsInDeequ() => Strategy.Anomalous(Cars, Strategy.Monthly(("residuals", "absolute")), 36).Length.ShouldBe(3);

    [Fact]
    public void Traffic_ADayAhead_HasTwoAnomaliesAsInDeequ() => Strategy.Anomalous(Traffic, Strategy.With(("period", "24"), ("residuals", "absolute")), 144).Length.ShouldBe(2);

    [Fact]
    public void TwoNoisyWeeks_TheSameAgainOrZero_AsInDeequ()
    {
        var random = new JavaRandom(42);
        double[] week = [1, 1, 1.2, 1.3, 1.5, 2.1, 1.9];
        double[] weeks = [.. week.Concat(week).Select(v => v + random.NextGaussian())];

        Strategy.Anomalous([.. weeks, weeks[0]], AsDeequ, 14).ShouldBeEmpty();
        Strategy.Anomalous([.. weeks, 0], AsDeequ, 14).ShouldBe([14]);
        Strategy.Anomalous([.. weeks, .. weeks], AsDeequ, 26).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("absolute")]
    [InlineData("signed")]
    public void ExactSeries_HaveNoAnomalies(string residuals)
    {
        var settings = Strategy.With(("residuals", residuals));

        Strategy.Anomalous([.. Enumerable.Repeat(1.0, 21)], settings, 14).ShouldBeEmpty();
        Strategy.Anomalous([.. Enumerable.Repeat(1.0, 20), 0], settings, 14).ShouldBe([20]);
        Strategy.Anomalous([.. Enumerable.Range(0, 48).Select(i => (double)i)], settings, 36).ShouldBeEmpty();
        Strategy.Anomalous([.. Enumerable.Range(0, 48).Select(t => Math.Sin(2 * Math.PI / 7 * t) + t)], settings, 36).ShouldBeEmpty();
    }

    [Fact]
    public void WrongTraining_TheFirstDay_IsAnomalousAsInDeequ()
    {
        double[] week = [0, 1, 1, 1, 1, 1, 1];

        Strategy.Anomalous([.. week, .. week, 1, 1, 1, 1, 1, 1, 1], AsDeequ, 14, 21).ShouldBe([14]);
    }

    [Fact]
    public void LessThanTwoCycles_IsNotApplicable()
    {
        var judged = Strategy.Detect([.. Enumerable.Range(0, 14).Select(i => (double)(i % 5))], 13, 14, Strategy.With());

        judged[0].NotApplicable.ShouldBe("too little history: two full cycles (14 values) are needed, there are 13");
    }

    [Fact]
    public void Gaps_AreForecastOverAndKeepTheSeasonInStep()
    {
        double[] series = [.. Enumerable.Range(0, 70).Select(t => 100.0 + (20 * (t % 7)))];
        foreach (var gap in new[] { 3, 20, 21, 22, 40, 55 }) series[gap] = double.NaN;

        Strategy.Anomalous(series, Strategy.With(), 63).ShouldBeEmpty();
        series[66] += 20;
        Strategy.Anomalous(series, Strategy.With(), 66, 67).ShouldBe([66]);
    }

    // Independently: scipy.optimize.minimize (L-BFGS-B, 27 starts) of the same sum of squares over the first 36 months of each series.
    [Theory]
    [InlineData(true, 1425.265625)]
    [InlineData(false, 56437198.918430395)]
    public void Fit_SumOfSquares_IsNotAboveScipys(bool milk, double scipy)
    {
        var series = (milk ? Milk : Cars)[..36];
        var residuals = new double[36];

        HoltWintersModel.Smooth(series, 12, HoltWintersModel.Fit(series, 12), residuals, []);

        residuals.Sum(r => r * r).ShouldBeLessThanOrEqualTo(scipy * (1 + 1e-6));
    }
}
