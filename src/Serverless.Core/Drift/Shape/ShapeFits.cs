namespace Serverless.Drift.Shape;

/// <summary>The best fit of each kind. Steps, ramps and excursions are searched through with sums kept from the beginning, so each candidate costs the same.</summary>
internal static class ShapeFits
{
    // Levels of fewer values are not levels.
    private const int LeastLevel = 3;
    private const int MostHarmonics = 3;

    public static ShapeFit Constant(double[] y)
    {
        var mean = y.Average();
        return new ShapeFit(FitKind.Constant, 1, y.Sum(v => (v - mean) * (v - mean)), 0, 0, mean, mean, _ => mean);
    }

    public static ShapeFit Step(double[] y)
    {
        var (sums, _) = Sums(y);
        var (best, gain) = (LeastLevel, -1.0);
        for (var at = LeastLevel; at <= y.Length - LeastLevel; at++)
        {
            var (left, right) = (sums[at], sums[^1] - sums[at]);
            var g = (left * left / at) + (right * right / (y.Length - at));
            if (g > gain) (best, gain) = (at, g);
        }

        var (a, b) = (sums[best] / best, (sums[^1] - sums[best]) / (y.Length - best));
        return Fitted(y, FitKind.Step, 3, best, best, a, b, t => t < best ? a : b);
    }

    /// <summary>Two levels with a straight line between; the line may reach to either end.</summary>
    public static ShapeFit Ramp(double[] y)
    {
        var n = y.Length;
        var (sums, moments) = Sums(y);
        double mean = sums[^1] / n, best = -1;
        var (from, to) = (0, n - 1);
        for (var s = 0; s < n - 2; s++)
        {
            for (var e = s + 2; e < n; e++)
            {
                // f is 0 up to s, (t - s) / (e - s) to e, 1 from there on.
                double length = e - s, after = n - e;
                var inside = length - 1;
                var f = (inside * (inside + 1) / 2 / length) + after;
                var ff = (inside * (inside + 1) * ((2 * inside) + 1) / 6 / (length * length)) + after;
                var fy = ((moments[e] - moments[s + 1] - (s * (sums[e] - sums[s + 1]))) / length) + sums[^1] - sums[e];
                var (cov, variance) = (fy - (f * mean), ff - (f * f / n));
                if (variance > 0 && cov * cov / variance > best) (best, from, to) = (cov * cov / variance, s, e);
            }
        }

        double F(int t) => t <= from ? 0 : t >= to ? 1 : (t - from) / (double)(to - from);
        var (fMean, top, bottom) = (Enumerable.Range(0, n).Average(F), 0.0, 0.0);
        for (var t = 0; t < n; t++)
        {
            top += (F(t) - fMean) * (y[t] - mean);
            bottom += (F(t) - fMean) * (F(t) - fMean);
        }

        var slope = bottom > 0 ? top / bottom : 0;
        var level = mean - (slope * fMean);
        return Fitted(y, FitKind.Ramp, 4, from, to, level, level + slope, t => level + (slope * F(t)));
    }

    /// <summary>Another level for a while, then the first again.</summary>
    public static ShapeFit Excursion(double[] y)
    {
        var n = y.Length;
        var (sums, _) = Sums(y);
        var (from, to, best) = (LeastLevel, LeastLevel * 2, -1.0);
        for (var s = LeastLevel; s < n - LeastLevel; s++)
        {
            for (var e = s + LeastLevel; e <= n - LeastLevel; e++)
            {
                double inside = e - s, outside = n - inside, inner = sums[e] - sums[s], outer = sums[^1] - inner;
                var g = (inner * inner / inside) + (outer * outer / outside);
                if (g > best) (from, to, best) = (s, e, g);
            }
        }

        var within = (sums[to] - sums[from]) / (to - from);
        var before = (sums[^1] - sums[to] + sums[from]) / (n - to + from);
        // A level that is not the same before and after is no return.
        var (first, last) = (sums[from] / from, (sums[^1] - sums[to]) / (n - to));
        var returns = Math.Abs(first - last) <= Math.Abs(within - before) / 2;
        var fit = Fitted(y, FitKind.Excursion, 4, from, to, before, within, t => t >= from && t < to ? within : before);
        return returns ? fit : fit with { Squares = double.PositiveInfinity };
    }

    /// <summary>Sums of up to three harmonics for each period that fits at least twice, with a linear trend.</summary>
    public static IEnumerable<ShapeFit> Periods(double[] y)
    {
        var found = new Dictionary<int, ShapeFit>();
        for (var period = 3; period <= y.Length / 2; period++)
        {
            for (var harmonics = 1; harmonics <= Math.Min(MostHarmonics, (period - 1) / 2); harmonics++)
            {
                var fit = Harmonic(y, period, harmonics);
                if (!found.TryGetValue(harmonics, out var best) || fit.Squares < best.Squares) found[harmonics] = fit;
            }
        }

        return found.Values;
    }

    private static ShapeFit Harmonic(double[] y, int period, int harmonics)
    {
        var width = 1 + (2 * harmonics);
        double Basis(int k, int t) => k == 0 ? 1 : k % 2 == 1 ? Math.Cos(2 * Math.PI * ((k + 1) / 2) * t / period) : Math.Sin(2 * Math.PI * (k / 2) * t / period);
        var table = new double[Math.Min(period, y.Length), width];
        for (var t = 0; t < table.GetLength(0); t++)
        {
            for (var k = 0; k < width; k++) table[t, k] = Basis(k, t);
        }

        var (normal, right) = (new double[width, width], new double[width]);
        for (var t = 0; t < y.Length; t++)
        {
            for (var a = 0; a < width; a++)
            {
                var ta = table[t % period, a];
                right[a] += ta * y[t];
                for (var b = 0; b <= a; b++) normal[a, b] += ta * table[t % period, b];
            }
        }

        var weights = Series.SolveSymmetric(normal, right);
        double Value(int t)
        {
            double sum = 0;
            for (var k = 0; k < width; k++) sum += weights[k] * table[t % period, k];
            return sum;
        }

        return Fitted(y, FitKind.Period, width + 1, period, period, weights[0], weights[0], Value);
    }

    private static ShapeFit Fitted(double[] y, FitKind kind, int parameters, int from, int to, double before, double after, Func<int, double> value)
    {
        double squares = 0;
        for (var t = 0; t < y.Length; t++) squares += (y[t] - value(t)) * (y[t] - value(t));
        return new ShapeFit(kind, parameters, squares, from, to, before, after, value);
    }

    /// <summary>Sums of the first i values, and of the values times their places.</summary>
    private static (double[] Sums, double[] Moments) Sums(double[] y)
    {
        var (sums, moments) = (new double[y.Length + 1], new double[y.Length + 1]);
        for (var t = 0; t < y.Length; t++) (sums[t + 1], moments[t + 1]) = (sums[t] + y[t], moments[t] + (t * y[t]));
        return (sums, moments);
    }
}
