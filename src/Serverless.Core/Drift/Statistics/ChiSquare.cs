namespace Serverless.Drift.Statistics;

/// <summary>The chi-square and normal distributions' upper tails, by the regularised incomplete gamma function (NIST DLMF 8.11.4 and 8.9.2).</summary>
internal static class ChiSquare
{
    /// <summary>P(X >= x) for <paramref name="degrees"/> degrees of freedom. Relative error about 1e-13, also far out.</summary>
    public static double UpperTail(double x, double degrees)
    {
        if (double.IsNaN(x)) return double.NaN;
        if (degrees <= 0 || x <= 0) return 1;
        return double.IsPositiveInfinity(x) ? 0 : UpperGamma(degrees / 2, x / 2);
    }

    /// <summary>P(|Z| >= |z|) for a standard normal Z.</summary>
    public static double TwoSidedNormal(double z) => UpperTail(z * z, 1);

    // Q(a, x); a is a multiple of one half.
    private static double UpperGamma(double a, double x)
    {
        var density = SaddlePoint.Poisson(a, x);
        return x < a + 1 ? Math.Max(0, 1 - (density * LowerSeries(a, x))) : density * a * UpperFraction(a, x);
    }

    // Sum of x^k / ((a+1)...(a+k)).
    private static double LowerSeries(double a, double x)
    {
        double sum = 1, term = 1;
        for (var k = 1; term > sum * 1e-17; k++)
        {
            term *= x / (a + k);
            sum += term;
        }

        return sum;
    }

    // Continued fraction of Gamma(a, x) / (x^a e^-x), by Lentz's method.
    private static double UpperFraction(double a, double x)
    {
        const double tiny = 1e-300;
        var b = x + 1 - a;
        var c = 1 / tiny;
        var d = 1 / b;
        var value = d;
        for (var i = 1; i < 1_000_000; i++)
        {
            var an = -i * (i - a);
            b += 2;
            d = (an * d) + b;
            d = 1 / (Math.Abs(d) < tiny ? tiny : d);
            c = b + (an / c);
            c = Math.Abs(c) < tiny ? tiny : c;
            var factor = c * d;
            value *= factor;
            if (Math.Abs(factor - 1) < 1e-16) break;
        }

        return value;
    }
}
