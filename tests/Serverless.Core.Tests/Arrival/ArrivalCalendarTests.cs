using Serverless.Arrival;
using Serverless.Datasets;

namespace Serverless.Core.Tests.Arrival;

public sealed class ArrivalCalendarTests
{
    // 2026-03-02 is a Monday.
    [Theory]
    [InlineData("1d", "04:00", "06:00", PartitionGrain.Day, "2026-03-03 03:59", "2026-03-02", "2026-03-03 04:00", "2026-03-03 06:00")]
    [InlineData("1d", "04:00", "06:00", PartitionGrain.Day, "2026-03-03 04:00", "2026-03-03", "2026-03-04 04:00", "2026-03-04 06:00")]
    [InlineData("1d", null, null, PartitionGrain.Day, "2026-03-03 12:00", "2026-03-03", "2026-03-04 00:00", "2026-03-05 00:00")]
    [InlineData("1d", "23:00", "01:00", PartitionGrain.Day, "2026-03-03 12:00", "2026-03-02", "2026-03-03 23:00", "2026-03-04 01:00")]
    [InlineData("7d", "04:00", "06:00", PartitionGrain.Day, "2026-03-02 03:00", "2026-02-23..2026-03-01", "2026-03-02 04:00", "2026-03-02 06:00")]
    [InlineData("1h", "00:10", "00:30", PartitionGrain.Hour, "2026-03-03 12:05", "2026-03-03T11", "2026-03-03 12:10", "2026-03-03 12:30")]
    [InlineData("15m", "00:05", null, PartitionGrain.Hour, "2026-03-03 12:05", "2026-03-03T12:00", "2026-03-03 12:20", "2026-03-03 12:35")]
    [InlineData("30d", "04:00", "06:00", PartitionGrain.Month, "2026-03-03 12:00", "2026-03", "2026-04-01 04:00", "2026-04-01 06:00")]
    public void FirstDueAfter_OfTheFile_IsTheNextExpectation(string every, string? due, string? deadline, PartitionGrain grain, string now, string key, string dueAt, string deadlineAt)
    {
        var calendar = new ArrivalCalendar(Of(every, due, deadline), new PartitionScheme("date", grain));

        var period = calendar.FirstDueAfter(Utc(now));

        (period.Key, period.Due, period.Deadline).ShouldBe((key, Utc(dueAt), Utc(deadlineAt)));
    }

    [Theory]
    [InlineData("1d")]
    [InlineData("7d")]
    [InlineData("6h")]
    public void Periods_OneAfterAnother_LeaveNoGap(string every)
    {
        var calendar = new ArrivalCalendar(Of(every, "04:00", "06:00"), new PartitionScheme("date", PartitionGrain.Hour));
        for (var now = Utc("2026-03-01 00:00"); now < Utc("2026-03-20 00:00"); now += TimeSpan.FromMinutes(97))
        {
            var period = calendar.FirstDueAfter(now);
            period.Due.ShouldBeGreaterThan(now);
            (period.Due - calendar.Every).ShouldBeLessThanOrEqualTo(now);
            calendar.After(period).Start.ShouldBe(period.End);
        }
    }

    internal static ArrivalDefinition Of(string every, string? due, string? deadline, MissingPolicy policy = MissingPolicy.KeepLast)
    {
        Parse(every, out var span);
        return new ArrivalDefinition { Every = span, Due = Time(due), Deadline = Time(deadline), OnMissing = policy };
    }

    private static void Parse(string text, out TimeSpan span) => Serverless.Workspaces.Durations.TryParse(text, out span).ShouldBeTrue();

    private static TimeOnly? Time(string? text) => text is null ? null : TimeOnly.ParseExact(text, "HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    internal static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text + "Z", System.Globalization.CultureInfo.InvariantCulture);
}
