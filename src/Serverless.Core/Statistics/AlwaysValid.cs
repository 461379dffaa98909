namespace Serverless.Statistics;

/// <summary>
/// The mixture sequential probability ratio test of a difference, which may be looked at any number of times: whoever stops at the first p-value below alpha is wrong with a probability of at
/// most alpha. Normal mixture over the difference with variance tau^2. Sources: H. Robbins, Ann. Math. Stat. 41 (1970); R. Johari, P. Koomen, L. Pekelis, D. Walsh, "Always valid inference",
/// Operations Research 70 (2022).
/// </summary>
internal static class AlwaysValid
{
    /// <summary>Of one look: the p-value of all looks is the least of them.</summary>
    /// <param name="difference">As estimated.</param>
    /// <param name="variance">Of the estimate: v1 / n1 + v2 / n2.</param>
    /// <param name="tau">Standard deviation of the mixture: the size of differences that are looked for. Fixed before the first look.</param>
    public static double PValue(double difference, double variance, double tau)
    {
        if (!(variance > 0)) return 1;
        var t2 = tau * tau;
        var log = (0.5 * Math.Log(variance / (variance + t2))) + (t2 * difference * difference / (2 * variance * (variance + t2)));
        return Math.Min(1, Math.Exp(-log));
    }

    /// <summary>Half the width of the interval that holds the difference at all looks together.</summary>
    public static double HalfWidth(double variance, double tau, double confidence)
    {
        var t2 = tau * tau;
        return Math.Sqrt(variance * (variance + t2) / t2 * ((-2 * Math.Log(1 - confidence)) + Math.Log((variance + t2) / variance)));
    }
}
