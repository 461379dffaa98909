using Serverless.Series.Anomalies;

namespace Serverless.Core.Tests.Series.Anomalies;

/// <summary>Values of Deequ's AbsoluteChangeStrategyTest, RelativeRateOfChangeStrategyTest and SimpleThresholdStrategyTest.</summary>
public sealed class ChangeTests
{
    private static readonly AbsoluteChange Change = new();
    private static readonly RelativeRate Rate = new();
    private static readonly double[] Alternating = [.. Enumerable.Range(0, 51).Select(i => i is < 20 or > 30 ? 1.0 : i % 2 == 0 ? i : -i)];
    private static readonly double[] Spikes = [.. Enumerable.Range(0, 51).Select(i => i is < 20 or > 30 ? 1.0 : i % 2 == 0 ? i : 1)];
    private static readonly double[] Growing = [0, 1, 3, 6, 18, 72];

    [Fact]
    public void Change_AllOrAnInterval_FindsWhatDeequFinds()
    {
        var settings = Change.With(("min", "-2"), ("max", "2"));

        Change.Anomalous(Alternating, settings).ShouldBe(Strategies.Range(20, 31));
        Change.Anomalous(Alternating, settings, 25, 50).ShouldBe(Strategies.Range(25, 31));
        Change.Anomalous([1, -1, 4, -7], settings).ShouldBe([2, 3]);
    }

    [Fact]
    public void Change_OneLimit_LooksAtThatSideOnly()
    {
        Change.Anomalous(Alternating, Change.With(("max", "1"))).ShouldBe(Strategies.Range(20, 30, 2));
        Change.Anomalous(Alternating, Change.With(("min", "-1"))).ShouldBe(Strategies.Range(21, 31, 2));
        Change.Anomalous(Alternating, Change.With(("min", "-1e300"), ("max", "1e300"))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1, new[] { 1.0, 2, 4, 1, 2, 8 }, new[] { 1.0, 2, -3, 1, 6 })]
    [InlineData(2, new[] { 1.0, 2, 4, 1, 2, 8 }, new[] { 1.0, -5, 4, 5 })]
    [InlineData(3, new[] { 1.0, 5, -10, 3, 100, 0.01, 0.0065 }, new[] { 47, 56, -280.99, 296.9765 })]
    public void Difference_OfAnOrder_IsDeequs(int order, double[] values, double[] expected)
    {
        for (var i = 0; i < expected.Length; i++) AbsoluteChange.Difference(values.AsSpan(i, order + 1)).ShouldBe(expected[i], 1e-9);
    }

    [Fact]
    public void Change_SecondOrder_BelongsToTheLastOfItsValues()
    {
        var settings = Change.With(("max", "8"), ("order", "2"));

        Change.Anomalous(Growing, settings).ShouldBe([4, 5]);
        Change.Anomalous(Growing, settings, 5, 6).ShouldBe([5]);
        Change.Detect(Growing, 0, 6, settings)[1].NotApplicable.ShouldBe("too little history: 2 earlier values are needed, there is 1");
        Change.Detect(Growing, 4, 5, settings)[0].Upper.ShouldBe(17); // 3, 6, then 6 + 3 + 8
    }

    [Fact]
    public void Change_OrderZero_IsAThreshold() =>
        Change.Anomalous([-1, 2, 3, 0.5], Change.With(("max", "1"), ("order", "0"))).ShouldBe(new Threshold().Anomalous([-1, 2, 3, 0.5], new Threshold().With(("max", "1"))));

    [Fact]
    public void Threshold_BothSides_FindsWhatDeequFinds()
    {
        var threshold = new Threshold();

        threshold.Anomalous([-1, 2, 3, 0.5], threshold.With(("max", "1"))).ShouldBe([1, 2]);
        threshold.Anomalous([-1, 2, 3, 0.5], threshold.With(("min", "-0.5"), ("max", "1"))).ShouldBe([0, 1, 2]);
    }

    [Fact]
    public void Rate_AllOrAnInterval_FindsWhatDeequFinds()
    {
        var settings = Rate.With(("min", "0.5"), ("max", "2"));

        Rate.Anomalous(Spikes, settings).ShouldBe(Strategies.Range(20, 31));
        Rate.Anomalous(Spikes, settings, 25, 50).ShouldBe(Strategies.Range(25, 31));
        Rate.Anomalous(Spikes, Rate.With(("max", "1"))).ShouldBe(Strategies.Range(20, 30, 2));
        Rate.Anomalous(Spikes, Rate.With(("min", "0.5"))).ShouldBe(Strategies.Range(21, 31, 2));
    }

    // Deequ's anomaly_detection_example.md: size 2 yesterday, 5 today, at most doubled.
    [Fact]
    public void Rate_TwoThenFive_IsMoreThanTwice()
    {
        var judged = Rate.Detect([2, 5], 0, 2, Rate.With(("max", "2.0")));

        judged[0].NotApplicable.ShouldBe("too little history: 1 earlier value is needed, there are 0");
        judged[1].ShouldBe(new Judgement(1, 5, null, 4, true));
        Rate.Anomalous([2, 4], Rate.With(("max", "2.0"))).ShouldBeEmpty();
    }

    [Fact]
    public void Rate_AfterZero_GrowthIsInfiniteAndZeroIsNoChange()
    {
        var settings = Rate.With(("max", "8"), ("order", "2"));
        Rate.Anomalous(Growing, settings).ShouldBe([2, 5]);
        Rate.Anomalous(Growing, settings, 5, 6).ShouldBe([5]);

        Rate.Anomalous([0, 0, 0], Rate.With(("min", "0.9"), ("max", "1.1"))).ShouldBeEmpty();
        Rate.Anomalous([0, 1e-9], Rate.With(("max", "1.1"))).ShouldBe([1]);
    }

    [Fact]
    public void Rate_OfNegativeValues_HasBoundsTheOtherWayRound()
    {
        var judged = Rate.Detect([-10, -30], 1, 2, Rate.With(("min", "0.5"), ("max", "2")))[0];

        judged.ShouldBe(new Judgement(1, -30, -20, -5, true));
        Rate.Anomalous([-10, -19], Rate.With(("min", "0.5"), ("max", "2"))).ShouldBeEmpty();
        Rate.Detect([-10, -30], 1, 2, Rate.With(("max", "2")))[0].ShouldBe(new Judgement(1, -30, -20, null, true));
    }
}
