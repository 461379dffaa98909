namespace Serverless.Statistics;

/// <summary>The standard normal distribution's lower tail. Source: G. West, "Better approximations to cumulative normal functions", Wilmott 2005 (J. F. Hart's algorithm 5666, 1968).</summary>
internal static class NormalDistribution
{
    private static readonly double[] Numerator = [3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931, 220.206867912376];
    private static readonly double[] Denominator = [8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752];

    /// <summary>P(Z &lt;= z), to about 1e-15; far out in the lower tail to a relative 1e-8.</summary>
    public static double Cdf(double z)
    {
        var x = Math.Abs(z);
        var tail = x > 37 ? 0 : Math.Exp(-x * x / 2) * (x < 7.07106781186547 ? Horner(Numerator, x) / Horner(Denominator, x) : 1 / (Math.Sqrt(2 * Math.PI) * Fraction(x)));
        return z > 0 ? 1 - tail : tail;
    }

    // The continued fraction of Mills' ratio, cut after five terms.
    private static double Fraction(double x) => x + (1 / (x + (2 / (x + (3 / (x + (4 / (x + 0.65))))))));

    private static double Horner(double[] coefficients, double x)
    {
        var sum = 0.0;
        foreach (var c in coefficients) sum = (sum * x) + c;
        return sum;
    }
}
