namespace Serverless.Statistics;

/// <summary>Intervals of shares, and of what two independent shares differ by. Both hold up for small samples and for shares near 0 and 1.</summary>
internal static class Proportions
{
    /// <summary>Score interval. Source: E. B. Wilson, JASA 22 (1927).</summary>
    /// <returns>Null without rows.</returns>
    public static Interval? Wilson(double successes, double rows, double confidence)
    {
        if (!(rows > 0)) return null;
        var (lower, upper) = Bounds(successes / rows, rows, NormalQuantile.TwoSided(confidence));
        return new Interval(lower, upper, confidence, "wilson");
    }

    /// <summary>Of the first share minus the second: hybrid score interval, method 10 of R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890.</summary>
    /// <returns>Null when either has no rows.</returns>
    public static Interval? Newcombe(double first, double firstRows, double second, double secondRows, double confidence)
    {
        if (!(firstRows > 0 && secondRows > 0)) return null;
        var z = NormalQuantile.TwoSided(confidence);
        var (p, q) = (first / firstRows, second / secondRows);
        var (lowerP, upperP) = Bounds(p, firstRows, z);
        var (lowerQ, upperQ) = Bounds(q, secondRows, z);
        return new Interval(p - q - Hypotenuse(p - lowerP, upperQ - q), p - q + Hypotenuse(upperP - p, q - lowerQ), confidence, "newcombe");
    }

    private static (double Lower, double Upper) Bounds(double share, double n, double z)
    {
        var (centre, half) = ((share + (z * z / (2 * n))) / (1 + (z * z / n)), z / (1 + (z * z / n)) * Math.Sqrt((share * (1 - share) / n) + (z * z / (4 * n * n))));
        // Exact at the ends, where rounding would leave 1e-17.
        return (share <= 0 ? 0 : Math.Max(0, centre - half), share >= 1 ? 1 : Math.Min(1, centre + half));
    }

    private static double Hypotenuse(double a, double b) => Math.Sqrt((a * a) + (b * b));
}
