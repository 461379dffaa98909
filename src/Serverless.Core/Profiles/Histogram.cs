namespace Serverless.Profiles;

/// <summary>
/// Counts of values between edges: bin i holds the values from edge i up to edge i + 1 (exclusive, but for the last bin). Edges are round numbers; where a few values
/// lie far away from the others, one long bin at either end holds them. Edges of timestamps are in seconds since 1970, UTC.
/// </summary>
/// <param name="Edges">Ascending, one more than there are counts.</param>
public sealed record Histogram(IReadOnlyList<double> Edges, IReadOnlyList<long> Counts)
{
    private const int Bins = 20;
    private const double Day = 86_400;

    private static readonly double[] Durations =
        [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, Day, 2 * Day, 7 * Day, 14 * Day, 28 * Day, 91 * Day, 182 * Day, 365 * Day];

    /// <param name="values">Ascending.</param>
    /// <param name="weights">How often each occurs.</param>
    /// <param name="whole">The values are whole numbers: a bin is at least 1 wide.</param>
    /// <param name="seconds">The values are times in seconds: bins are minutes, hours, days.</param>
    internal static Histogram? Of(ReadOnlySpan<double> values, ReadOnlySpan<long> weights, double min, double max, bool whole, bool seconds = false)
    {
        if (values.IsEmpty || !double.IsFinite(max - min)) return null;

        // Values that a double can hardly tell apart have no round numbers between them.
        if (TooNear(min, max)) return new Histogram([min, max], [Sum(weights)]);
        var edges = Edged(values, weights, min, max, whole, seconds);
        var counts = new long[edges.Count - 1];
        var bin = 0;
        for (var i = 0; i < values.Length; i++)
        {
            while (bin < counts.Length - 1 && values[i] >= edges[bin + 1]) bin++;
            counts[bin] += weights[i];
        }

        return new Histogram(edges, counts);
    }

    private static List<double> Edged(ReadOnlySpan<double> values, ReadOnlySpan<long> weights, double min, double max, bool whole, bool seconds)
    {
        var (low, high) = (Frequencies.Quantile(values, weights, 0.01), Frequencies.Quantile(values, weights, 0.99));
        if (TooNear(low, high) || max - min <= 3 * (high - low)) (low, high) = (min, max);
        var step = Step((high - low) / Bins, whole, seconds);
        var first = Math.Floor(low / step);
        var last = Math.Max(first + 1, high == max ? Math.Floor(high / step) + 1 : Math.Ceiling(high / step));
        var edges = new List<double>();
        var decimals = (int)Math.Clamp(-Math.Floor(Math.Log10(step)), 0, 15);
        for (var i = first; i <= last; i++) edges.Add(Math.Round(i * step, decimals));
        if (min < edges[0]) edges.Insert(0, min);
        if (max > edges[^1]) edges.Add(max);
        return edges;
    }

    // The next of 1, 2, 5, 10, 20, ... or, for times, of the durations of a clock and a calendar.
    private static double Step(double least, bool whole, bool seconds)
    {
        if (seconds && least >= 1)
        {
            return Durations.FirstOrDefault(d => d >= least, Math.Ceiling(least / (365 * Day)) * 365 * Day);
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        var step = least <= power ? power : least <= 2 * power ? 2 * power : least <= 5 * power ? 5 * power : 10 * power;
        return whole ? Math.Max(1, step) : step;
    }

    private static bool TooNear(double low, double high)
    {
        var greatest = Math.Max(Math.Abs(low), Math.Abs(high));
        return (high - low) / Bins < 16 * (Math.BitIncrement(greatest) - greatest);
    }

    private static long Sum(ReadOnlySpan<long> weights)
    {
        long sum = 0;
        foreach (var weight in weights) sum += weight;
        return sum;
    }
}
