namespace Serverless.Drift.Statistics;

/// <summary>
/// Distribution of Kolmogorov's D for one sample of n, which SciPy's asymptotic two-sample p-value is taken from (n = n1 n2 / (n1 + n2), rounded). Methods and their
/// ranges as R. Simard and P. L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov distribution" (2011), and SciPy 1.10 (scipy/stats/_ksstats.py, BSD-3) have them.
/// </summary>
internal static class KolmogorovDistribution
{
    private const int Scale = 128;

    /// <summary>P(D_n >= x).</summary>
    public static double UpperTail(int n, double x)
    {
        if (x >= 1) return 0;
        var t = n * x;
        if (x <= 0 || t <= 0.5) return 1;
        if (t <= 1) return 1 - RubenGambino(n, t);
        if (t >= n - 1) return Clip(2 * Math.Pow(1 - x, n));
        if (x >= 0.5) return Clip(2 * Smirnov(n, x));
        var square = t * x;
        if (n <= 140)
        {
            return square <= 0.754693 ? Clip(1 - Durbin(n, x)) : square <= 4 ? Clip(1 - Pomeranz(n, x)) : Clip(2 * Smirnov(n, x));
        }

        if (square >= 370) return 0;
        if (square >= 2.2) return Clip(2 * Smirnov(n, x));
        return Clip(n <= 100_000 && n * Math.Pow(x, 1.5) <= 1.4 ? 1 - Durbin(n, x) : PelzGood.UpperTail(n, x));
    }

    /// <summary>P(D_n+ >= x), one-sided: Smirnov's sum, each term a binomial probability. Where the terms are many and smooth, every so many-th stands for its neighbours.</summary>
    public static double Smirnov(int n, double x)
    {
        var last = (int)Math.Floor(n * (1 - x));

        // The sum is one over a smooth function that vanishes at both ends, so that the trapezoid rule converges faster than any power of the stride.
        var stride = n > 8192 ? n / 4096 : 1;
        double sum = 0;
        for (var v = 0; v <= last; v += stride)
        {
            var q = ((double)(n - v) / n) - x;
            if (q <= 0) continue;
            var p = ((double)v / n) + x;
            sum += SaddlePoint.Binomial(v, n, p, q) * x / p;
        }

        return Math.Min(1, sum * stride);
    }

    // n! ((2t - 1) / n)^n for 1/2 < t <= 1.
    private static double RubenGambino(int n, double t)
    {
        var sum = SaddlePoint.StirlingError(n) + (0.5 * Math.Log(2 * Math.PI * n)) - n + (n * Math.Log((2 * t) - 1));
        return Math.Exp(sum);
    }

    /// <summary>P(D_n below x): Durbin's matrix raised to the power n (Marsaglia, Tsang and Wang 2003).</summary>
    private static double Durbin(int n, double x)
    {
        var nd = n * x;
        var k = (int)Math.Ceiling(nd);
        var h = k - nd;
        var m = (2 * k) - 1;
        var matrix = DurbinMatrix(m, h);
        var power = new double[m * m];
        for (var i = 0; i < m; i++) power[(i * m) + i] = 1;
        int exponent = 0, matrixExponent = 0;
        for (var rest = n; rest > 0; rest /= 2)
        {
            if (rest % 2 == 1)
            {
                power = Multiply(power, matrix, m);
                exponent += matrixExponent;
            }

            matrix = Multiply(matrix, matrix, m);
            matrixExponent *= 2;
            if (Math.Abs(matrix[((k - 1) * m) + k - 1]) > Math.ScaleB(1, Scale))
            {
                for (var i = 0; i < matrix.Length; i++) matrix[i] = Math.ScaleB(matrix[i], -Scale);
                matrixExponent += Scale;
            }
        }

        var p = power[((k - 1) * m) + k - 1];
        for (var i = 1; i <= n; i++)
        {
            p = i * p / n;
            if (Math.Abs(p) >= Math.ScaleB(1, -Scale)) continue;
            p = Math.ScaleB(p, Scale);
            exponent -= Scale;
        }

        return Math.ScaleB(p, exponent);
    }

    private static double[] DurbinMatrix(int m, double h)
    {
        var (v, w) = (new double[m], new double[m]);
        var factor = 1.0;
        for (var j = 1; j <= m; j++)
        {
            w[j - 1] = factor;
            factor /= j;
            v[j - 1] = (1 - Math.Pow(h, j)) * factor;
        }

        v[m - 1] = (1 + Math.Pow(Math.Max((2 * h) - 1, 0), m) - (2 * Math.Pow(h, m))) * factor;
        var matrix = new double[m * m];
        for (var column = 1; column < m; column++)
        {
            for (var row = column - 1; row < m; row++) matrix[(row * m) + column] = w[row - column + 1];
        }

        for (var row = 0; row < m; row++) matrix[row * m] = v[row];
        for (var column = 0; column < m; column++) matrix[((m - 1) * m) + column] = v[m - 1 - column];
        return matrix;
    }

    private static double[] Multiply(double[] a, double[] b, int m)
    {
        var product = new double[m * m];
        for (var i = 0; i < m; i++)
        {
            for (var k = 0; k < m; k++)
            {
                var factor = a[(i * m) + k];
                if (factor == 0) continue;
                for (var j = 0; j < m; j++) product[(i * m) + j] += factor * b[(k * m) + j];
            }
        }

        return product;
    }

    /// <summary>P(D_n below x) by Pomeranz' recursion (1974), n up to 140.</summary>
    private static double Pomeranz(int n, double x)
    {
        var t = n * x;
        var whole = (int)Math.Floor(t);
        var f = t - whole;
        var g = Math.Min(f, 1 - f);
        var (up, half) = (f > 0 ? 1 : 0, f > 0.5 ? 1 : 0);
        var powers = 2 * (whole + 1);
        var (ends, odd, even) = (Powers(g / n, powers), Powers(2 * g / n, powers), Powers((1 - (2 * g)) / n, powers));
        var (previous, row) = (new double[powers], new double[powers]);
        row[0] = 1;
        int previousStart = 0, rowStart = 0, exponent = 0;
        var (from, to) = Interval(0, n, whole, up, half);
        for (var i = 1; i < (2 * n) + 2; i++)
        {
            var before = from;
            (previous, row) = (row, previous);
            (previousStart, rowStart) = (rowStart, previousStart);
            Array.Clear(row);
            (from, to) = Interval(i, n, whole, up, half);
            var factors = i == 1 || i == (2 * n) + 1 ? ends : i % 2 == 1 ? odd : even;
            var length = to - before + 1;
            if (length <= 0) continue;
            double greatest = 0;
            for (var j = from; j <= to; j++)
            {
                double sum = 0;
                for (var k = 0; k <= j - before && k < length; k++)
                {
                    var at = before - previousStart + k;
                    if (at >= 0 && at < powers && j - before - k < powers) sum += previous[at] * factors[j - before - k];
                }

                row[j - from] = sum;
                greatest = Math.Max(greatest, sum);
            }

            rowStart = from;
            if (greatest is 0 || greatest >= Math.ScaleB(1, -Scale)) continue;
            for (var j = 0; j < powers; j++) row[j] = Math.ScaleB(row[j], Scale);
            exponent -= Scale;
        }

        var answer = row[n - rowStart];
        for (var m = 1; m <= n; m++)
        {
            if (Math.Abs(answer) > Math.ScaleB(1, Scale))
            {
                answer = Math.ScaleB(answer, -Scale);
                exponent += Scale;
            }

            answer *= m;
        }

        return Math.ScaleB(answer, exponent);
    }

    private static double[] Powers(double x, int count)
    {
        var powers = new double[count];
        powers[0] = 1;
        for (var m = 1; m < count; m++) powers[m] = powers[m - 1] * x / m;
        return powers;
    }

    private static (int From, int To) Interval(int i, int n, int whole, int up, int half)
    {
        var (quotient, remainder) = Math.DivRem(i + 1, 2);
        var (from, to) = i == 0 ? (-whole - up - 1, whole + up - 1)
            : remainder == 1 ? (quotient - 1 - whole - 1, quotient + whole + half - 1)
            : quotient == n + 1 ? (n - whole - up - 1, n + whole + up - 1)
            : (quotient - 1 - whole - half - 1, quotient + whole - 1 + up - 1);
        return (Math.Max(from + 2, 0), Math.Min(to, n));
    }

    private static double Clip(double p) => Math.Clamp(p, 0, 1);
}
