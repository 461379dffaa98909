namespace Serverless.Statistics;

/// <summary>Difference of the means of two independent groups with unequal variances. Source: B. L. Welch, Biometrika 34 (1947); degrees of freedom rounded down.</summary>
internal static class Welch
{
    /// <returns>Null when a group has fewer than two rows.</returns>
    public static Interval? Difference(double mean, double variance, long rows, double otherMean, double otherVariance, long otherRows, double confidence)
    {
        if (rows < 2 || otherRows < 2) return null;
        var (a, b) = (variance / rows, otherVariance / otherRows);
        var error = Math.Sqrt(a + b);
        if (!(error > 0)) return new Interval(mean - otherMean, mean - otherMean, confidence, "welch");
        var degrees = (long)Math.Max(1, Math.Floor((a + b) * (a + b) / ((a * a / (rows - 1)) + (b * b / (otherRows - 1)))));
        var half = StudentT.Quantile(confidence, degrees) * error;
        return new Interval(mean - otherMean - half, mean - otherMean + half, confidence, "welch");
    }
}
