using System.Globalization;
using Serverless.Datasets;

namespace Serverless.Arrival;

/// <summary>
/// The periods of a dataset. They follow one another without gaps, <c>every</c> long, counted from a Monday, midnight UTC; those of a dataset with monthly partitions that is
/// expected every 28 to 31 days are the calendar's months. A period is due <c>due</c> after its end: with <c>every: 1d, due: "04:00"</c>, the day of the 2nd is due on the 3rd at 04:00.
/// </summary>
internal sealed class ArrivalCalendar
{
    private static readonly DateTimeOffset Anchor = new(1970, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private readonly TimeSpan every;
    private readonly TimeSpan due;
    private readonly TimeSpan deadline;
    private readonly bool monthly;

    public ArrivalCalendar(ArrivalDefinition arrival, PartitionScheme partition)
    {
        every = arrival.Every;
        monthly = partition.Grain == PartitionGrain.Month && every >= TimeSpan.FromDays(28) && every <= TimeSpan.FromDays(31);
        var at = arrival.Due?.ToTimeSpan() ?? TimeSpan.Zero;
        due = monthly ? at : new TimeSpan(at.Ticks % every.Ticks);
        // A deadline earlier on the clock than the due time is on the next day.
        deadline = arrival.Deadline is { } end ? due + new TimeSpan((end.ToTimeSpan() - at + TimeSpan.FromDays(1)).Ticks % TimeSpan.TicksPerDay) : due + every;
        var grain = partition.Grain switch { PartitionGrain.Hour => TimeSpan.FromHours(1), PartitionGrain.Day => TimeSpan.FromDays(1), _ => TimeSpan.FromDays(28) };
        ByPartition = partition.Column is not null && (monthly || every >= grain);
    }

    /// <summary>The partitions of a period tell whether it came. Otherwise (partitioned by arrival, or in longer stretches than a period) only the time of storing does.</summary>
    public bool ByPartition { get; }

    public TimeSpan Every => every;

    public ExpectedPeriod From(DateTimeOffset start)
    {
        var end = monthly ? start.AddMonths(1) : start + every;
        return new ExpectedPeriod(Key(start, end), start, end, end + due, end + deadline);
    }

    public ExpectedPeriod After(ExpectedPeriod period) => From(period.End);

    /// <summary>The first period that becomes due after a time.</summary>
    public ExpectedPeriod FirstDueAfter(DateTimeOffset time)
    {
        // The period that contains the time less the due offset is the first to end after it.
        var at = time - due;
        if (monthly) return From(new DateTimeOffset(at.Year, at.Month, 1, 0, 0, 0, TimeSpan.Zero));
        var ticks = (at - Anchor).Ticks;
        var count = ticks >= 0 ? ticks / every.Ticks : -((-ticks + every.Ticks - 1) / every.Ticks);
        return From(Anchor + new TimeSpan(count * every.Ticks));
    }

    private string Key(DateTimeOffset start, DateTimeOffset end)
    {
        if (monthly) return Text(start, "yyyy-MM");
        var days = every.Ticks % TimeSpan.TicksPerDay == 0;
        return days && every == TimeSpan.FromDays(1) ? Text(start, "yyyy-MM-dd")
            : days ? $"{Text(start, "yyyy-MM-dd")}..{Text(end.AddDays(-1), "yyyy-MM-dd")}"
            : every == TimeSpan.FromHours(1) ? Text(start, "yyyy-MM-dd'T'HH")
            : Text(start, every.Seconds == 0 ? "yyyy-MM-dd'T'HH:mm" : "yyyy-MM-dd'T'HH:mm:ss");
    }

    private static string Text(DateTimeOffset time, string format) => time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
}
