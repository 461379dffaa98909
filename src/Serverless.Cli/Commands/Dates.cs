using System.Globalization;
using Serverless.Partitions;
using Serverless.Problems;

namespace Serverless.Cli.Commands;

/// <summary>Dates and moments as people type them. UTC unless they say otherwise.</summary>
internal static class Dates
{
    /// <summary>A moment; a day alone means its end, so that <c>--as-of 2001-03-01</c> includes what was written on that day.</summary>
    public static DateTimeOffset AsOf(string text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddTicks(-1);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? moment
            : throw new RequestException($"'{text}' is not a date. Write a day (2026-01-31) or a moment (2026-01-31T14:00:00Z), in UTC.");
    }

    /// <summary>A moment; a day alone means its beginning.</summary>
    public static DateTimeOffset Moment(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? moment
            : throw new RequestException($"'{text}' is not a time. Write a day (2026-01-31) or a moment (2026-01-31T14:00:00Z), in UTC.");

    /// <summary>A moment or the number of a dataset's version.</summary>
    public static AsOf Point(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? Partitions.AsOf.AtVersion(version) : Partitions.AsOf.At(AsOf(text));

    /// <summary>A period as partitions are keyed: 2001-01, 2001-01-05 or 2001-01-05T13. A day also stands for its hours, a month for its days.</summary>
    public static bool IsWithin(string key, string period) => key == period || key.StartsWith(period + "-", StringComparison.Ordinal) || key.StartsWith(period + "T", StringComparison.Ordinal);
}
