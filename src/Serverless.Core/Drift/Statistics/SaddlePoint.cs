namespace Serverless.Drift.Statistics;

/// <summary>
/// Poisson and binomial probabilities without the cancellation of logarithms of factorials: C. Loader, "Fast and accurate computation of binomial probabilities" (2000).
/// Arguments may be half-integers. Relative error about 1e-14 even for sizes of a million.
/// </summary>
internal static class SaddlePoint
{
    private const double HalfLogTwoPi = 0.91893853320467274178;
    private static readonly double[] Small = [.. Enumerable.Range(0, 32).Select(i => SmallStirlingError(i / 2.0))];

    /// <summary>x^a e^-x / Gamma(a + 1).</summary>
    public static double Poisson(double a, double x)
    {
        if (x == 0) return a == 0 ? 1 : 0;
        return a == 0 ? Math.Exp(-x) : Math.Exp(-StirlingError(a) - Deviance(a, x)) / Math.Sqrt(2 * Math.PI * a);
    }

    /// <summary>Binomial probability of <paramref name="k"/> among <paramref name="n"/>, with p and q = 1 - p given separately so that neither is rounded away.</summary>
    public static double Binomial(double k, double n, double p, double q)
    {
        if (k == 0) return n == 0 ? 1 : Math.Exp(p < 0.1 ? n * Log1P(-p) : n * Math.Log(q));
        if (k == n) return Math.Exp(q < 0.1 ? n * Log1P(-q) : n * Math.Log(p));
        var exponent = StirlingError(n) - StirlingError(k) - StirlingError(n - k) - Deviance(k, n * p) - Deviance(n - k, n * q);
        return Math.Exp(exponent) * Math.Sqrt(n / (2 * Math.PI * k * (n - k)));
    }

    /// <summary>log n! - log(sqrt(2 pi n) (n/e)^n).</summary>
    public static double StirlingError(double n)
    {
        if (n <= 15.5) return Small[(int)(2 * n)];
        var square = n * n;
        return ((1.0 / 12) - (((1.0 / 360) - (((1.0 / 1260) - (((1.0 / 1680) - (1.0 / 1188 / square)) / square)) / square)) / square)) / n;
    }

    /// <summary>x log(x / m) + m - x, accurate also where x is near m.</summary>
    public static double Deviance(double x, double m)
    {
        if (Math.Abs(x - m) >= 0.1 * (x + m)) return (x * Math.Log(x / m)) + m - x;
        var v = (x - m) / (x + m);
        var sum = (x - m) * v;
        var term = 2 * x * v;
        for (var j = 1; j < 1000; j++)
        {
            term *= v * v;
            var next = sum + (term / ((2 * j) + 1));
            if (next == sum) return next;
            sum = next;
        }

        return sum;
    }

    public static double Log1P(double x)
    {
        // W. Kahan's: the rounding error of 1 + x cancels.
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }

    private static double SmallStirlingError(double n)
    {
        if (n == 0) return 0;

        // Gamma(n + 1) as a product down to Gamma(1) or Gamma(1/2).
        var gamma = n == Math.Floor(n) ? 1 : Math.Sqrt(Math.PI);
        for (var k = n; k > 0; k--) gamma *= k;
        return Math.Log(gamma) - ((n + 0.5) * Math.Log(n)) + n - HalfLogTwoPi;
    }
}
