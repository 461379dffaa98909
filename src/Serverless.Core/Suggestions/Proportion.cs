using Serverless.Statistics;

namespace Serverless.Suggestions;

/// <summary>Bounds of a share that was seen in a sample, at 95 %.</summary>
internal static class Proportion
{
    private const double Z = 1.959963984540054;

    /// <summary>
    /// Lower end of Wilson's score interval, cut off after two decimals as Deequ does. Source: E. B. Wilson, "Probable inference, the law of succession, and statistical
    /// inference", JASA 22 (1927).
    /// </summary>
    public static double WilsonLower(double share, long count) => Cut(Wilson(share, count));

    /// <summary>The lower end itself.</summary>
    public static double Wilson(double share, long count) => Proportions.Wilson(share * count, count, 0.95)?.Lower ?? 0;

    /// <summary>Deequ's older bound, by the normal approximation: too narrow for few rows, and of no width where the share is 1.</summary>
    public static double WaldLower(double share, long count) => Cut(Math.Max(0, share - (Z * Math.Sqrt(share * (1 - share) / count))));

    private static double Cut(double value) => Math.Floor((value * 100) + 1e-9) / 100;
}
