namespace Serverless.Drift.Statistics;

/// <summary>W. Pelz and I. J. Good, "Approximating the lower tail-areas of the Kolmogorov-Smirnov one-sample statistic" (1976): four terms in powers of n^-1/2.</summary>
internal static class PelzGood
{
    private const double Pi2 = Math.PI * Math.PI;
    private const double Pi4 = Pi2 * Pi2;
    private const double Pi6 = Pi4 * Pi2;
    private const double LeastLog = -708;
    private static readonly double RootTwoPi = Math.Sqrt(2 * Math.PI);

    /// <summary>P(D_n >= x), 0 &lt; x &lt; 1.</summary>
    public static double UpperTail(int n, double x)
    {
        var z = Math.Sqrt(n) * x;
        double z2 = z * z, z3 = z2 * z, z4 = z2 * z2, z6 = z4 * z2;
        var qLog = -Pi2 / 8 / z2;
        if (qLog < LeastLog) return 1;
        var q = Math.Exp(qLog);
        double k1a = -z2, k1b = Pi2 / 4;
        double k2a = (6 * z6) + (2 * z4), k2b = ((2 * z4) - (5 * z2)) * Pi2 / 4, k2c = Pi4 * (1 - (2 * z2)) / 16;
        double k3d = Pi6 * (5 - (30 * z2)) / 64, k3c = Pi4 * ((-60 * z2) + (212 * z4)) / 16, k3b = Pi2 * ((135 * z4) - (96 * z6)) / 4, k3a = (-30 * z6) - (90 * z4 * z4);
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        var last = (int)Math.Ceiling(16 * z / Math.PI);
        for (var k = last; k > 0; k--)
        {
            double m = (2 * k) - 1, m2 = m * m, m4 = m2 * m2, m6 = m4 * m2;
            var power = Math.Pow(q, 8 * k);
            s0 = (s0 * power) + 1;
            s1 = (s1 * power) + k1a + (k1b * m2);
            s2 = (s2 * power) + k2a + (k2b * m2) + (k2c * m4);
            s3 = (s3 * power) + k3a + (k3b * m2) + (k3c * m4) + (k3d * m6);
        }

        var factor = q * RootTwoPi;
        s0 *= factor / z;
        s1 *= factor / (6 * z4);
        s2 *= factor / (72 * z6 * z);
        s3 *= factor / (6480 * z6 * z4);
        var q2 = Math.Exp(-Pi2 / 2 / z2);
        double extra2 = 0, extra3 = 0;
        for (var k = last; k > 0; k--)
        {
            double k2 = (double)k * k, power = Math.Pow(q2, k2);
            extra2 += k2 * power;
            extra3 += ((3 * z2) - (Pi2 * k2)) * k2 * power;
        }

        s2 -= extra2 * Pi2 * RootTwoPi / (36 * z3);
        s3 += extra3 * Pi2 * RootTwoPi / (216 * z6);
        return 1 - s0 - (s1 / Math.Sqrt(n)) - (s2 / n) - (s3 / Math.Pow(n, 1.5));
    }
}
