namespace Serverless.Statistics;

/// <summary>Tests of two shares, and of how a sample was divided.</summary>
internal static class ShareTest
{
    /// <summary>Two-sided z-test of two independent shares with a pooled variance. Source: statsmodels, proportions_ztest.</summary>
    /// <returns>z of the first share minus the second, and the p-value; z = 0 and p = 1 where all rows agree.</returns>
    public static (double Z, double P) Z(double first, double firstRows, double second, double secondRows)
    {
        var pooled = (first + second) / (firstRows + secondRows);
        var error = Math.Sqrt(pooled * (1 - pooled) * ((1 / firstRows) + (1 / secondRows)));
        if (!(error > 0)) return (0, 1);
        var z = ((first / firstRows) - (second / secondRows)) / error;
        return (z, 2 * NormalDistribution.Cdf(-Math.Abs(z)));
    }

    /// <summary>Two-sided z-test of two independent means, each with its own variance.</summary>
    public static (double Z, double P) Means(double difference, double variance)
    {
        if (!(variance > 0)) return (0, 1);
        var z = difference / Math.Sqrt(variance);
        return (z, 2 * NormalDistribution.Cdf(-Math.Abs(z)));
    }
}
