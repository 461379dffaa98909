namespace Serverless.Statistics;

/// <summary>
/// Slope of a line as the median of the slopes of all pairs, which a few odd points do not move, with a rank-based interval. Sources: H. Theil (1950); P. Sen, "Estimates of the
/// regression coefficient based on Kendall's tau", JASA 63 (1968), whose interval scipy.stats.theilslopes computes likewise.
/// </summary>
internal static class TheilSen
{
    private const int MostPoints = 2000;

    /// <returns>Null with fewer than three points, or all at one x. Of more than 2,000 points the last ones count.</returns>
    public static Trend? Fit(double[] x, double[] y, double confidence = 0.95)
    {
        if (x.Length > MostPoints) (x, y) = (x[^MostPoints..], y[^MostPoints..]);
        var slopes = new List<double>(x.Length * (x.Length - 1) / 2);
        for (var i = 0; i < x.Length; i++)
        {
            for (var j = i + 1; j < x.Length; j++) if (x[j] != x[i]) slopes.Add((y[j] - y[i]) / (x[j] - x[i]));
        }

        if (x.Length < 3 || slopes.Count < 2) return null;
        double[] sorted = [.. slopes.Order()];
        double points = x.Length;
        var variance = ((points * (points - 1) * ((2 * points) + 5)) - Ties(x) - Ties(y)) / 18;
        var half = NormalQuantile.TwoSided(confidence) * Math.Sqrt(Math.Max(0, variance));
        var upper = Math.Min((int)Math.Round((sorted.Length + half) / 2, MidpointRounding.ToEven), sorted.Length - 1);
        var lower = Math.Max((int)Math.Round((sorted.Length - half) / 2, MidpointRounding.ToEven) - 1, 0);
        return new Trend(SortedQuantile.Of(sorted, 0.5), sorted[lower], sorted[upper], confidence, "theil-sen");
    }

    private static double Ties(double[] values) => values.GroupBy(v => v).Sum(g => (double)g.Count() * (g.Count() - 1) * ((2 * g.Count()) + 5));
}

/// <param name="Slope">A day.</param>
public sealed record Trend(double Slope, double Lower, double Upper, double Confidence, string Method);
