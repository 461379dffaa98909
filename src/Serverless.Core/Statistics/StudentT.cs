using Serverless.Drift.Statistics;

namespace Serverless.Statistics;

/// <summary>Student's t distribution with a whole number of degrees of freedom, by the regularised incomplete beta function (NIST DLMF 8.17).</summary>
internal static class StudentT
{
    /// <summary>P(|T| >= |t|).</summary>
    public static double TwoSided(double t, long degrees)
    {
        if (double.IsNaN(t) || degrees < 1) return double.NaN;
        return double.IsInfinity(t) ? 0 : IncompleteBeta(degrees / 2.0, 0.5, degrees / (degrees + (t * t)), t * t / (degrees + (t * t)));
    }

    /// <summary>t of a two-sided interval: 2.228 for 0.95 and 10 degrees.</summary>
    public static double Quantile(double confidence, long degrees)
    {
        double low = 0, high = 1, tail = 1 - confidence;
        while (TwoSided(high, degrees) > tail && high < 1e15) (low, high) = (high, high * 2);
        for (var i = 0; i < 200 && high - low > 1e-15 * high; i++)
        {
            var middle = (low + high) / 2;
            if (TwoSided(middle, degrees) > tail) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }

    // I_x(a, b) with y = 1 - x; a and b are multiples of one half.
    private static double IncompleteBeta(double a, double b, double x, double y)
    {
        if (x <= 0) return 0;
        if (y <= 0) return 1;
        return x > (a + 1) / (a + b + 2) ? 1 - Fraction(b, a, y, x) : Fraction(a, b, x, y);
    }

    // DLMF 8.17.22 by Lentz's method.
    private static double Fraction(double a, double b, double x, double y)
    {
        const double tiny = 1e-300;
        var front = SaddlePoint.Binomial(a, a + b, x, y) * b / (a + b);
        double c = 1, d = 1 - ((a + b) * x / (a + 1));
        d = 1 / (Math.Abs(d) < tiny ? tiny : d);
        var value = d;
        for (var m = 1; m < 100_000; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / Floor(1 + (even * d));
            c = Floor(1 + (even / c));
            value *= c * d;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / Floor(1 + (odd * d));
            c = Floor(1 + (odd / c));
            value *= c * d;
            if (Math.Abs((c * d) - 1) < 1e-16) break;
        }

        return front * value;

        static double Floor(double v) => Math.Abs(v) < tiny ? tiny : v;
    }
}
