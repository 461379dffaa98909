namespace Serverless.Statistics;

/// <summary>How many rows each of two groups needs, so that a difference is found with a stated probability by a two-sided test.</summary>
internal static class SampleSize
{
    /// <summary>Shares. Source: J. L. Fleiss, B. Levin, M. C. Paik, Statistical Methods for Rates and Proportions (2003), 4.14, without continuity correction.</summary>
    /// <param name="baseline">The share without the difference, in (0, 1).</param>
    /// <param name="effect">The difference, above 0; added where there is room, else taken away.</param>
    public static double OfShares(double baseline, double effect, double power, double confidence)
    {
        var other = baseline + effect < 1 ? baseline + effect : baseline - effect;
        if (other <= 0) other = Math.Min(baseline, 1 - baseline) / 2;
        var middle = (baseline + other) / 2;
        var (a, b) = (NormalQuantile.TwoSided(confidence), NormalQuantile.Of(power));
        var sum = (a * Math.Sqrt(2 * middle * (1 - middle))) + (b * Math.Sqrt((baseline * (1 - baseline)) + (other * (1 - other))));
        return sum * sum / ((baseline - other) * (baseline - other));
    }

    /// <summary>Means with a common standard deviation: 2 (z_a + z_b)^2 (deviation / effect)^2.</summary>
    public static double OfMeans(double deviation, double effect, double power, double confidence)
    {
        var z = (NormalQuantile.TwoSided(confidence) + NormalQuantile.Of(power)) * deviation / effect;
        return 2 * z * z;
    }

    /// <summary>
    /// For a sequential test by <see cref="AlwaysValid"/>: the least number of which the test alone, without the looks before, finds the difference with the power. Conservative: looks before find
    /// some sooner.
    /// </summary>
    /// <param name="variance">Of one row.</param>
    public static double Sequential(double variance, double effect, double power, double confidence)
    {
        double low = 1, high = 2;
        while (!Enough(high)) high *= 2;
        while (high - low > 0.5)
        {
            var middle = (low + high) / 2;
            if (Enough(middle)) high = middle;
            else low = middle;
        }

        return high;

        bool Enough(double n)
        {
            var s2 = 2 * variance / n;
            return AlwaysValid.HalfWidth(s2, effect, confidence) + (NormalQuantile.Of(power) * Math.Sqrt(s2)) <= effect;
        }
    }
}
