using Serverless.Features;
using static Serverless.Core.Tests.Features.Encoders.EncoderFixture;

namespace Serverless.Core.Tests.Features.Encoders;

public sealed class CyclicEncoderTests
{
    [Theory]
    [InlineData("date.Hour", 24.0), InlineData("int(date.DayOfWeek)", 7.0), InlineData("date.Month", 12.0), InlineData("date.DayOfYear", 365.2425), InlineData("date.Day", 30.436875)]
    [InlineData("date.Minute", 60.0), InlineData("distance", null), InlineData("date.Hour + 1", null), InlineData("Math.Floor(distance)", null)]
    public void Inferred_PartsOfATime_AreTheirPeriods(string expression, double? period) => CyclicEncoder.Inferred(expression).ShouldBe(period);

    [Fact]
    public void Hour_QuartersOfTheDay_GoRoundTheCircle()
    {
        var rows = Encode(Times("2001-01-05 00:30", "2001-01-05 06:00", "2001-01-05 12:00", "2001-01-05 18:59"), Trees, "hour: { from: date.Hour, encode: cyclic }");
        float[][] circle = [[0, 1], [1, 0], [0, -1], [-1, 0]];
        for (var i = 0; i < 4; i++) for (var k = 0; k < 2; k++) rows[i][k].ShouldBe(circle[i][k], 1e-6f);
        Distance(Encode(Times("2001-01-05 23:00", "2001-01-05 00:00", "2001-01-05 01:00"), Trees, "hour: { from: date.Hour, encode: cyclic }"), 0, 1)
            .ShouldBe(Distance(Encode(Times("2001-01-05 11:00", "2001-01-05 12:00"), Trees, "hour: { from: date.Hour, encode: cyclic }"), 0, 1), 1e-6);
    }

    [Fact]
    public void Time_SeveralParts_HaveAPairEach()
    {
        var plan = Fit(Times("2001-01-05 06:00"), Trees, "t: { from: date, encode: cyclic, period: [day, week, year] }");
        plan.Slots.Select(s => s.Name).ShouldBe(["t.day.sin", "t.day.cos", "t.week.sin", "t.week.cos", "t.year.sin", "t.year.cos"]);
        plan.Slots.ShouldAllBe(s => s.Feature == "t");
        plan.ColumnsOf("t").ShouldBe(["date"]);
        var monday = plan.Transform(Times("2001-01-01 00:00"), [0]).Values;
        float[] start = [0, 1, 0, 1, 0, 1];
        for (var i = 0; i < 6; i++) monday[i].ShouldBe(start[i], 1e-6f);
        // A leap year's last midnight lies one day before its end.
        var last = plan.Transform(Times("2000-12-31 00:00"), [0]).Values;
        last[4].ShouldBe((float)Math.Sin(2 * Math.PI * 365 / 366), 1e-6f);
    }

    [Fact]
    public void Missing_Time_IsTheMiddleOrNaN()
    {
        Encode(Times("2001-01-05 06:00", null), Linear, "t: { from: date, encode: cyclic, period: day, indicator: true }")[1].ShouldBe([0, 0, 1]);
        Encode(Times("2001-01-05 06:00", null), Trees, "t: { from: date, encode: cyclic, period: day }")[1].ShouldBe([float.NaN, float.NaN]);
        Fit(Times("2001-01-05 06:00"), Trees, "t: { from: date, encode: cyclic, period: day }").Transform(Times([null]), [0]).Values.ShouldBe([0, 0]);
    }

    [Fact]
    public void Number_GivenPeriod_WrapsAround()
    {
        var rows = Encode(Numbers(-90, 270, 360_000_270), Trees, "d: { from: distance, encode: cyclic, period: 360 }");
        for (var i = 0; i < 3; i++) (rows[i][0], rows[i][1]).ShouldBe((-1f, rows[0][1]));
    }

    private static double Distance(float[][] rows, int a, int b) => Math.Sqrt(Math.Pow(rows[a][0] - rows[b][0], 2) + Math.Pow(rows[a][1] - rows[b][1], 2));
}
