using Serverless.Datasets;

namespace Serverless.Drift.Samples;

/// <summary>
/// What of timestamps is compared. Time passes: that current times are later than the reference's is no drift. So the hour of the day and the weekday are compared,
/// where both sides cover enough of them, and the instants only where most of the current ones lie within the reference's span (a date of birth, two samples of one period).
/// </summary>
internal static class TimestampParts
{
    /// <summary>Both sides have to span as long for hours, and as long for weekdays, to be compared.</summary>
    public static readonly TimeSpan SpanOfHours = TimeSpan.FromDays(1);
    public static readonly TimeSpan SpanOfWeekdays = TimeSpan.FromDays(27);

    public static IReadOnlyList<ColumnPart> Of(TimestampSample reference, TimestampSample current) =>
        [Instant(reference, current), Hour(reference, current), Weekday(reference, current)];

    private static ColumnPart Instant(TimestampSample a, TimestampSample b)
    {
        var name = $"instant({a.Name})";
        long first = a.Ticks[0], last = a.Ticks[^1];
        if (2 * b.Ticks.LongCount(t => t >= first && t <= last) <= b.Count) return new(name, null, null, "most current times lie outside the reference's span, as time passes");
        return new(name, Days(name, a, first), Days(name, b, first));
    }

    private static NumericSample Days(string name, TimestampSample sample, long origin) =>
        new(name, ColumnType.Number, sample.Rows, sample.Missing, [.. sample.Ticks.Select(t => (t - origin) / (double)TimeSpan.TicksPerDay)], null);

    private static ColumnPart Hour(TimestampSample a, TimestampSample b)
    {
        var name = $"hour({a.Name})";
        if (a.Ticks.Concat(b.Ticks).All(t => t % TimeSpan.TicksPerDay == 0)) return new(name, null, null, "dates without a time of day");
        return Span(a) < SpanOfHours || Span(b) < SpanOfHours ? new(name, null, null, "less than a day on one side")
            : new(name, Cycle(name, a, 24, t => (int)(t / TimeSpan.TicksPerHour % 24)), Cycle(name, b, 24, t => (int)(t / TimeSpan.TicksPerHour % 24)));
    }

    // Tick 0 is a Monday; Monday is 1 and Sunday 7, as in ISO 8601.
    private static ColumnPart Weekday(TimestampSample a, TimestampSample b)
    {
        var name = $"weekday({a.Name})";
        return Span(a) < SpanOfWeekdays || Span(b) < SpanOfWeekdays ? new(name, null, null, "less than four weeks on one side")
            : new(name, Cycle(name, a, 8, t => 1 + (int)(t / TimeSpan.TicksPerDay % 7)), Cycle(name, b, 8, t => 1 + (int)(t / TimeSpan.TicksPerDay % 7)));
    }

    private static TimeSpan Span(TimestampSample sample) => new(sample.Ticks[^1] - sample.Ticks[0]);

    private static PartSample Cycle(string name, TimestampSample sample, int length, Func<long, int> place)
    {
        var counts = new long[length];
        foreach (var t in sample.Ticks) counts[place(t)]++;
        var used = Enumerable.Range(0, length).Where(i => counts[i] > 0).ToArray();
        long[] kept = [.. used.Select(i => counts[i])];
        return new(
            new(name, ColumnType.Integer, sample.Rows, sample.Missing, [.. used.Select(i => (double)i)], kept),
            new(name, ColumnType.String, sample.Rows, sample.Missing, [.. used.Select(i => i.ToString("00", System.Globalization.CultureInfo.InvariantCulture))], kept));
    }
}
