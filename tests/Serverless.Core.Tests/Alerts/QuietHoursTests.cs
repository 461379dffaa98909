using Serverless.Alerts;

namespace Serverless.Core.Tests.Alerts;

public sealed class QuietHoursTests
{
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    [Theory]
    [InlineData("2026-03-02T20:59:00Z", false)] // 21:59 in Paris
    [InlineData("2026-03-02T21:00:00Z", true)]
    [InlineData("2026-03-03T05:59:00Z", true)]
    [InlineData("2026-03-03T06:00:00Z", false)]
    [InlineData("2026-07-02T20:00:00Z", true)] // 22:00 in summer
    [InlineData("2026-07-03T05:00:00Z", false)]
    [InlineData("2026-03-29T04:59:00Z", true)] // clocks went forward at 01:00 UTC: 06:59
    [InlineData("2026-03-29T05:00:00Z", false)]
    [InlineData("2026-10-25T05:59:00Z", true)] // clocks went back: 06:59
    [InlineData("2026-10-25T06:00:00Z", false)]
    public void Covers_Night_FollowsTheZone(string time, bool quiet) =>
        new QuietHours { From = new(22, 0), To = new(7, 0), Zone = Paris }.Covers(DateTimeOffset.Parse(time, null)).ShouldBe(quiet);

    [Theory]
    [InlineData("2026-03-06T23:00:00Z", true)] // Friday evening
    [InlineData("2026-03-07T06:59:00Z", true)] // the rest of that night
    [InlineData("2026-03-07T23:00:00Z", false)] // Saturday evening is not listed
    [InlineData("2026-03-08T06:00:00Z", false)]
    public void Covers_NightOfAListedDay_BelongsToTheDayOnWhichItBegins(string time, bool quiet) =>
        new QuietHours { From = new(22, 0), To = new(7, 0), Days = [DayOfWeek.Friday] }.Covers(DateTimeOffset.Parse(time, null)).ShouldBe(quiet);

    [Theory]
    [InlineData("2026-03-07T00:00:00Z", true)]
    [InlineData("2026-03-08T23:59:00Z", true)]
    [InlineData("2026-03-09T00:00:00Z", false)]
    public void Covers_SameFromAndTo_IsTheWholeDay(string time, bool quiet) =>
        new QuietHours { From = default, To = default, Days = [DayOfWeek.Saturday, DayOfWeek.Sunday] }.Covers(DateTimeOffset.Parse(time, null)).ShouldBe(quiet);

    [Fact]
    public void Covers_Noon_IsWithinTheDay() => new QuietHours { From = new(12, 0), To = new(13, 0) }.Covers(AlertBench.Noon.AddMinutes(59)).ShouldBeTrue();
}
