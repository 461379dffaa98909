using System.Numerics;
using Serverless.Drift.Samples;

namespace Serverless.Drift.Statistics;

/// <summary>The two-sample, two-sided Kolmogorov-Smirnov test. Statistic and p-values equal SciPy's ks_2samp (1.10).</summary>
internal static class KolmogorovSmirnov
{
    /// <summary>SciPy: exact up to so many values on the larger side.</summary>
    public const int MostExact = 10_000;

    // A few seconds of counting: only reached when an exact p-value is asked for in so many words.
    private const double MostSteps = 2e9;

    /// <summary>Greatest distance between the two empirical distribution functions.</summary>
    public static double Statistic(NumericSample a, NumericSample b)
    {
        var visitor = new Visitor(a.Count, b.Count);
        PooledValues.Walk(a, b, ref visitor);
        return visitor.Greatest / ((double)a.Count * b.Count);
    }

    public static (double PValue, bool Exact) PValue(double d, long n1, long n2, PValueMode mode)
    {
        // One value on each side has no asymptotic distribution: n1 n2 / (n1 + n2) rounds to 0, and SciPy says NaN.
        var exact = mode == PValueMode.Exact || (mode == PValueMode.Auto && Math.Max(n1, n2) <= MostExact) || Math.Max(n1, n2) == 1;
        return exact && ExactPValue(d, n1, n2) is { } p ? (p, true) : (AsymptoticPValue(d, n1, n2), false);
    }

    public static double AsymptoticPValue(double d, long n1, long n2)
    {
        double m = Math.Max(n1, n2), n = Math.Min(n1, n2);
        return KolmogorovDistribution.UpperTail((int)Math.Min(int.MaxValue, Math.Round(m * n / (m + n))), d);
    }

    /// <summary>Share of the lattice paths that leave the band (Hodges 1957); null when the sizes are so awkward that counting does not pay.</summary>
    public static double? ExactPValue(double d, long n1, long n2)
    {
        var g = (long)BigInteger.GreatestCommonDivisor(n1, n2);
        if (n1 / g >= int.MaxValue / (double)(n2 / g)) return null;
        var h = (long)Math.Round(d * (n1 / g * n2));
        if (h == 0) return 1;
        if (n1 != n2 && Math.Max(n1, n2) * Math.Min(Math.Min(n1, n2), (2.0 * h / (Math.Max(n1, n2) / g)) + 2) > MostSteps) return null;
        var p = n1 == n2 ? OutsideSquare(n1, h) : OutsideBand(Math.Max(n1, n2), Math.Min(n1, n2), g, h);
        return p is >= 0 and <= 1 ? p : p is > 1 and < 1 + 1e-9 ? 1 : null;
    }

    // 2 A0 (1 - A1 (1 - A2 (...))): the alternating sum of binomials without its cancellation.
    private static double OutsideSquare(long n, long h)
    {
        double p = 0;
        for (var k = n / h; k >= 0; k--)
        {
            var term = 1.0;
            for (long j = 0; j < h; j++) term = (n - (k * h) - j) * term / (n + (k * h) + j + 1);
            p = term * (1 - p);
        }

        return 2 * p;
    }

    // Probability that a path has left the band on its way to (i, j), column by column; outside the band it is 1.
    private static double OutsideBand(long m, long n, long g, long h)
    {
        var (mg, ng) = (m / g, n / g);
        long low = 0, high = Math.Min(CeilingOf(h, mg), n + 1), length = high;
        var window = new double[Math.Min((2 * high) + 2, n + 1)];
        Array.Fill(window, 1, (int)high, window.Length - (int)high);
        for (long i = 1; i <= m; i++)
        {
            var (lastLow, lastLength) = (low, length);
            low = Math.Min(Math.Max(FloorOf((ng * i) - h, mg) + 1, 0), n);
            high = Math.Min(CeilingOf((ng * i) + h, mg), n + 1);
            if (high <= low) return 1;
            var value = low == 0 ? 0.0 : 1.0;
            for (var j = low; j < high; j++)
            {
                value = ((window[j - lastLow] * i) + (value * j)) / (i + j);
                window[j - low] = value;
            }

            length = high - low;
            if (lastLength > length) Array.Fill(window, 1, (int)length, (int)(lastLength - length));
        }

        return window[high - low - 1];
    }

    private static long CeilingOf(long a, long b) => -FloorOf(-a, b);

    private static long FloorOf(long a, long b) => a >= 0 ? a / b : -((-a + b - 1) / b);

    private struct Visitor(long n1, long n2) : IPooledVisitor
    {
        /// <summary>n1 n2 D, without rounding where it fits into 53 bits.</summary>
        public double Greatest { get; private set; }

        public void See(double value, long reference, long current)
        {
            var distance = Math.Abs(((double)reference * n2) - ((double)current * n1));
            if (distance > Greatest) Greatest = distance;
        }
    }
}
