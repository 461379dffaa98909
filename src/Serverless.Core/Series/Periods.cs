using System.Globalization;
using Serverless.Datasets;

namespace Serverless.Series;

/// <summary>Keys of partitions as numbers: neighbours differ by one, so that gaps can be seen.</summary>
internal static class Periods
{
    private const int FirstYear = 1;

    /// <summary>Number of the period since the first of the calendar; null when the key has another grain.</summary>
    public static int? Number(string key, PartitionGrain grain) =>
        key.Length == Format(grain).Length - (grain == PartitionGrain.Hour ? 2 : 0)
        && DateTime.TryParseExact(key, Format(grain), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var start)
            ? grain switch
            {
                PartitionGrain.Month => ((start.Year - FirstYear) * 12) + start.Month - 1,
                PartitionGrain.Day => (int)(start.Ticks / TimeSpan.TicksPerDay),
                _ => (int)(start.Ticks / TimeSpan.TicksPerHour),
            } : null;

    public static string Key(int number, PartitionGrain grain)
    {
        var start = grain switch
        {
            PartitionGrain.Month => new DateTime(FirstYear + (number / 12), (number % 12) + 1, 1, 0, 0, 0, DateTimeKind.Utc),
            PartitionGrain.Day => new DateTime(number * TimeSpan.TicksPerDay, DateTimeKind.Utc),
            _ => new DateTime(number * TimeSpan.TicksPerHour, DateTimeKind.Utc),
        };
        return start.ToString(Format(grain), CultureInfo.InvariantCulture);
    }

    public static IReadOnlyList<SeriesGap> Gaps(IReadOnlyList<SeriesPoint> points, PartitionGrain grain)
    {
        var gaps = new List<SeriesGap>();
        for (var i = 1; i < points.Count; i++)
        {
            var (before, after) = (Number(points[i - 1].Period, grain)!.Value, Number(points[i].Period, grain)!.Value);
            if (after - before > 1) gaps.Add(new SeriesGap(Key(before + 1, grain), Key(after - 1, grain), after - before - 1));
        }

        return gaps;
    }

    /// <summary>One period, in words: day, hour, month.</summary>
    public static string Word(PartitionGrain grain) => grain.ToString().ToLowerInvariant();

    private static string Format(PartitionGrain grain) => grain switch { PartitionGrain.Month => "yyyy-MM", PartitionGrain.Day => "yyyy-MM-dd", _ => "yyyy-MM-dd'T'HH" };
}
