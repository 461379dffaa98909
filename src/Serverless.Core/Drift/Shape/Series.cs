using Serverless.Drift.Statistics;

namespace Serverless.Drift.Shape;

/// <summary>What is computed from a series of numbers.</summary>
internal static class Series
{
    private const int Permutations = 999;

    public static double Median(double[] values)
    {
        if (values.Length == 0) return 0;
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Autocorrelation at a lag, in [-1, 1]; 0 for a constant.</summary>
    public static double Autocorrelation(double[] y, int lag)
    {
        if (lag >= y.Length) return 0;
        var mean = y.Average();
        double top = 0, bottom = 0;
        for (var t = 0; t < y.Length; t++)
        {
            bottom += (y[t] - mean) * (y[t] - mean);
            if (t >= lag) top += (y[t] - mean) * (y[t - lag] - mean);
        }

        return bottom > 0 ? top / bottom : 0;
    }

    /// <summary>Median of the slopes between all pairs (Theil 1950, Sen 1968), for one step.</summary>
    public static double TheilSen(double[] y)
    {
        var step = Math.Max(1, y.Length / 500); // pairs of 500 values are enough
        var slopes = new List<double>();
        for (var i = 0; i < y.Length; i += step)
        {
            for (var j = i + step; j < y.Length; j += step) slopes.Add((y[j] - y[i]) / (j - i));
        }

        return Median([.. slopes]);
    }

    /// <summary>
    /// Two-sided p-value of Mann and Kendall's test of a trend; the variance is enlarged by the autocorrelation of the residuals (Yue and Wang 2004), since dependent values
    /// make trends of nothing.
    /// </summary>
    public static double MannKendall(double[] y)
    {
        int n = y.Length, s = 0;
        for (var i = 0; i < n; i++)
        {
            for (var j = i + 1; j < n; j++) s += Math.Sign(y[j] - y[i]);
        }

        var ties = y.GroupBy(v => v).Sum(g => (double)g.Count() * (g.Count() - 1) * ((2 * g.Count()) + 5));
        var variance = (((double)n * (n - 1) * ((2 * n) + 5)) - ties) / 18;
        var slope = TheilSen(y);
        var r = Math.Clamp(Autocorrelation([.. y.Select((v, t) => v - (slope * t))], 1), 0, 0.9);
        variance *= (1 + r) / (1 - r);
        return variance > 0 ? ChiSquare.TwoSidedNormal(Math.Max(0, Math.Abs(s) - 1) / Math.Sqrt(variance)) : 1;
    }

    /// <summary>
    /// The chance that the cumulative sum of deviations from the mean ranges as far when blocks of values come in any order: (1 + as far) / (1 + permutations). Blocks of
    /// about the cube root of n keep short dependence.
    /// </summary>
    public static double CusumPValue(double[] y, int seed)
    {
        var block = Math.Max(1, (int)Math.Round(Math.Cbrt(y.Length)) - 1);
        var starts = Enumerable.Range(0, (y.Length + block - 1) / block).Select(b => b * block).ToArray();
        var mean = y.Average();
        double Range(IEnumerable<int> blocks)
        {
            double sum = 0, least = 0, most = 0;
            foreach (var start in blocks)
            {
                for (var t = start; t < Math.Min(y.Length, start + block); t++)
                {
                    sum += y[t] - mean;
                    (least, most) = (Math.Min(least, sum), Math.Max(most, sum));
                }
            }

            return most - least;
        }

        var observed = Range(starts);
        var random = new Random(seed);
        var asFar = 0;
        for (var p = 0; p < Permutations; p++)
        {
            random.Shuffle(starts);
            if (Range(starts) >= observed * (1 - 1e-12)) asFar++;
        }

        return (1.0 + asFar) / (1 + Permutations);
    }

    /// <summary>Fisher's (1929) test of the periodogram: the chance that white noise has as large a share of its variance at one period.</summary>
    public static double PeriodPValue(double[] y, int period)
    {
        var mean = y.Average();
        double cosine = 0, sine = 0, all = 0;
        for (var t = 0; t < y.Length; t++)
        {
            cosine += (y[t] - mean) * Math.Cos(2 * Math.PI * t / period);
            sine += (y[t] - mean) * Math.Sin(2 * Math.PI * t / period);
            all += (y[t] - mean) * (y[t] - mean);
        }

        var share = 2 * ((cosine * cosine) + (sine * sine)) / y.Length / Math.Max(all, double.Epsilon);
        var ordinates = (y.Length - 1) / 2;
        return Math.Min(1, ordinates * Math.Pow(Math.Max(0, 1 - Math.Min(1, share)), ordinates - 1));
    }

    /// <summary>Solves the positive definite system whose lower triangle is given (Cholesky).</summary>
    public static double[] SolveSymmetric(double[,] a, double[] b)
    {
        var n = b.Length;
        var l = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i, j];
                for (var k = 0; k < j; k++) sum -= l[i, k] * l[j, k];
                l[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / l[j, j];
            }
        }

        var x = new double[n];
        for (var i = 0; i < n; i++)
        {
            x[i] = b[i];
            for (var k = 0; k < i; k++) x[i] -= l[i, k] * x[k];
            x[i] /= l[i, i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++) x[i] -= l[k, i] * x[k];
            x[i] /= l[i, i];
        }

        return x;
    }
}
