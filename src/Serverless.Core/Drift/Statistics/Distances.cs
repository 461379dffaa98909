using Serverless.Drift.Samples;

namespace Serverless.Drift.Statistics;

/// <summary>Distances between two empirical distribution functions F and G, exact on the values: SciPy's wasserstein_distance and energy_distance.</summary>
internal static class Distances
{
    /// <summary>Integral of |F - G|: how far values have to be moved on average, in their own unit.</summary>
    public static double Wasserstein(NumericSample a, NumericSample b) => Walk(a, b).Absolute;

    /// <summary>sqrt(2 integral of (F - G)^2), in the square root of the unit (Székely and Rizzo 2013).</summary>
    public static double Energy(NumericSample a, NumericSample b) => 2 * Math.Sqrt(Walk(a, b).Square / 2);

    /// <summary>The same with a weight for each value; weights need not add up to 1.</summary>
    public static double Wasserstein(ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> aWeights, ReadOnlySpan<double> bWeights) =>
        Weighted(a, b, aWeights, bWeights, square: false);

    public static double Energy(ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> aWeights, ReadOnlySpan<double> bWeights) =>
        Math.Sqrt(2 * Weighted(a, b, aWeights, bWeights, square: true));

    private static Visitor Walk(NumericSample a, NumericSample b)
    {
        var visitor = new Visitor(1.0 / a.Count, 1.0 / b.Count);
        PooledValues.Walk(a, b, ref visitor);
        return visitor;
    }

    private static double Weighted(ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> aWeights, ReadOnlySpan<double> bWeights, bool square)
    {
        var (x, wx) = Sorted(a, aWeights);
        var (y, wy) = Sorted(b, bWeights);
        double wholeX = wx.Sum(), wholeY = wy.Sum(), f = 0, g = 0, sum = 0, last = 0;
        for (int i = 0, j = 0; i < x.Length || j < y.Length;)
        {
            var value = i == x.Length ? y[j] : j == y.Length ? x[i] : Math.Min(x[i], y[j]);
            var difference = (f / wholeX) - (g / wholeY);
            if (i + j > 0) sum += (square ? difference * difference : Math.Abs(difference)) * (value - last);
            for (; i < x.Length && x[i] == value; i++) f += wx[i];
            for (; j < y.Length && y[j] == value; j++) g += wy[j];
            last = value;
        }

        return sum;
    }

    private static (double[] Values, double[] Weights) Sorted(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        var (v, w) = (values.ToArray(), weights.ToArray());
        if (v.Length == 0 || v.Length != w.Length) throw new ArgumentException("one weight for each value, and at least one value");
        if (w.Any(x => !(x >= 0)) || w.Sum() is not > 0) throw new ArgumentException("weights are not negative, and not all 0");
        Array.Sort(v, w);
        return (v, w);
    }

    private struct Visitor(double perReference, double perCurrent) : IPooledVisitor
    {
        private double last = double.NaN;
        private double difference;

        public double Absolute { get; private set; }

        public double Square { get; private set; }

        public void See(double value, long reference, long current)
        {
            if (difference != 0)
            {
                var width = value - last;
                if (double.IsInfinity(width))
                {
                    // From one end of the numbers to the other; what is counted of it is a number again.
                    width = (value / 2) - (last / 2);
                    Absolute += Math.Abs(difference) * width;
                    Square += difference * difference * width;
                }

                Absolute += Math.Abs(difference) * width;
                Square += difference * difference * width;
            }

            last = value;
            difference = (reference * perReference) - (current * perCurrent);
        }
    }
}
