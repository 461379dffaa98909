using System.Numerics;
using Serverless.Drift.Samples;

namespace Serverless.Drift.Statistics;

/// <summary>
/// Two-sample Cramér-von Mises test (Anderson 1962), ties by mid-ranks. Statistic and p-values equal SciPy's cramervonmises_2samp (1.10): its
/// asymptotic series ends where SciPy's does, so that a p-value below 2e-7 is no more than a bound.
/// </summary>
internal static class CramerVonMises
{
    /// <summary>SciPy: exact up to so many values on the larger side.</summary>
    public const int MostExact = 20;

    /// <summary>Counting orders of more values than this takes too long even on request.</summary>
    public const int MostForced = 60;

    /// <returns>T, and U of which it is made: four times it as a whole number, without rounding.</returns>
    public static (double T, Int128 FourU) Statistic(NumericSample a, NumericSample b)
    {
        var visitor = default(Visitor);
        PooledValues.Walk(a, b, ref visitor);
        Int128 n = a.Count, m = b.Count, k = n * m;
        var fourU = (n * visitor.First) + (m * visitor.Second);

        // T = U / (k N) - (4 k - 1) / (6 N): as one fraction, since the two terms nearly cancel.
        var numerator = (6 * fourU) - (4 * k * ((4 * k) - 1));
        return ((double)numerator / (24.0 * (double)k * (double)(n + m)), fourU);
    }

    public static (double PValue, bool Exact) PValue(double t, Int128 fourU, long n, long m, PValueMode mode)
    {
        var exact = mode == PValueMode.Exact || (mode == PValueMode.Auto && Math.Max(n, m) <= MostExact);
        return exact && n + m <= MostForced ? (ExactPValue(fourU, (int)n, (int)m), true) : (AsymptoticPValue(t, n, m), false);
    }

    public static double AsymptoticPValue(double t, double n, double m)
    {
        double k = n * m, total = n + m;
        var mean = (1 + (1 / total)) / 6;
        var variance = (total + 1) * ((4 * k * total) - (3 * ((n * n) + (m * m))) - (2 * k)) / (45 * total * total * 4 * k);
        var limit = (1.0 / 6) + ((t - mean) / Math.Sqrt(45 * variance));
        return limit < 0.003 ? 1 : Math.Clamp(1 - LimitingDistribution(limit), 0, 1);
    }

    // SciPy leaves the series after the first term below this. Summed further, p-values far in the tail would be others than its.
    private const double LastTerm = 1e-7;

    /// <summary>Distribution of the statistic of one infinite sample: Csörgő and Faraway (1996), equation 1.2.</summary>
    public static double LimitingDistribution(double x)
    {
        double sum = 0, ratio = Math.Sqrt(Math.PI); // Gamma(k + 1/2) / Gamma(k + 1)
        for (var k = 0; k < 10_000; k++)
        {
            double y = (4 * k) + 1, q = y * y / (16 * x);
            var term = ratio / (Math.Pow(Math.PI, 1.5) * Math.Sqrt(x)) * Math.Sqrt(y) * Math.Exp(-q) * BesselKQuarter(q);
            sum += term;
            if (term < LastTerm) break;
            ratio *= (k + 0.5) / (k + 1);
        }

        return sum;
    }

    // K of order 1/4 = integral of exp(-x cosh t) cosh(t / 4) over t > 0. The integrand falls doubly exponentially, so the trapezoid rule is exact to rounding.
    private static double BesselKQuarter(double x)
    {
        const double step = 1.0 / 32;
        var sum = 0.5 * Math.Exp(-x);
        for (var i = 1; i < 4096; i++)
        {
            var t = i * step;
            var exponent = x * Math.Cosh(t);
            if (exponent > x + 50 && exponent > 745) break;
            var term = Math.Exp(-exponent) * Math.Cosh(t / 4);
            sum += term;
            if (term < sum * 1e-18) break;
        }

        return sum * step;
    }

    /// <summary>Share of the orders of the pooled values whose U is at least as large (Xiao, Gordon and Yakovlev 2006).</summary>
    private static double ExactPValue(Int128 fourU, int m, int n)
    {
        var g = (int)BigInteger.GreatestCommonDivisor(m, n);
        long lcm = (long)m / g * n, a = lcm / m, b = lcm / n;
        Int128 mn = (Int128)m * n;

        // SciPy's zeta with U = fourU / 4: lcm^2 (m + n) (6 U - mn (4 mn - 1)) / (6 mn^2), rounded down.
        var numerator = (Int128)lcm * lcm * (m + n) * ((6 * fourU) - (4 * mn * ((4 * mn) - 1)));
        var divisor = 24 * mn * mn;
        var zeta = numerator >= 0 ? numerator / divisor : -((-numerator + divisor - 1) / divisor);
        var columns = new Dictionary<long, double>[m + 1];
        for (var u = 0; u <= n; u++)
        {
            var below = new Dictionary<long, double>();
            for (var v = 0; v <= m; v++)
            {
                var square = ((a * v) - (b * u)) * ((a * v) - (b * u));
                var here = new Dictionary<long, double>();
                if (u == 0 && v == 0) here[0] = 1;
                foreach (var (value, ways) in below) here[value + square] = ways;
                if (columns[v] is { } left)
                {
                    foreach (var (value, ways) in left) here[value + square] = here.GetValueOrDefault(value + square) + ways;
                }

                columns[v] = below = here;
            }
        }

        double all = 0, extreme = 0;
        foreach (var (value, ways) in columns[m])
        {
            all += ways;
            if (value >= zeta) extreme += ways;
        }

        return extreme / all;
    }

    private struct Visitor : IPooledVisitor
    {
        private long before;
        private long after;

        /// <summary>Sum of (2 rank - 2 position)^2 over the first sample, and over the second.</summary>
        public Int128 First { get; private set; }

        public Int128 Second { get; private set; }

        public void See(double value, long reference, long current)
        {
            long a = reference - before, b = current - after;

            // Positions of a tie differ by 1 each and their mid-rank is one: sum of squares of an arithmetic progression.
            if (a > 0) First += ((Int128)a * ((2 * after) + b) * ((2 * after) + b)) + ((Int128)a * (((Int128)a * a) - 1) / 3);
            if (b > 0) Second += ((Int128)b * ((2 * before) + a) * ((2 * before) + a)) + ((Int128)b * (((Int128)b * b) - 1) / 3);
            (before, after) = (reference, current);
        }
    }
}
