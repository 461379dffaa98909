using System.Numerics;

namespace Serverless.Drift.Multivariate;

/// <summary>
/// The squared distance between the means of two samples in the space of a Gaussian kernel: exp(-|a - b|^2 / (2 sigma^2)). Zero in expectation for equal distributions,
/// above zero for any others. Source: Gretton, Borgwardt, Rasch, Schoelkopf, Smola, "A Kernel Two-Sample Test", JMLR 13 (2012), equations 3 (unbiased) and 5 (biased).
/// </summary>
internal sealed class MaximumMeanDiscrepancy
{
    private readonly double[] kernel;
    private readonly int m;
    private readonly int n;

    /// <param name="points">Row-major: those of the first sample, then those of the second.</param>
    /// <param name="width">Coordinates of a point.</param>
    /// <param name="m">Points of the first sample; all others are of the second.</param>
    /// <param name="sigma">Null = median heuristic.</param>
    public MaximumMeanDiscrepancy(double[] points, int width, int rows, int m, double? sigma = null, CancellationToken cancel = default)
    {
        (this.m, n) = (m, rows - m);
        kernel = Distances(points, width, rows, cancel);
        Sigma = sigma ?? MedianSigma(kernel, rows);
        var gamma = 1 / (2 * Sigma * Sigma);
        Parallel.For(0, rows, new ParallelOptions { CancellationToken = cancel }, i =>
        {
            foreach (ref var value in kernel.AsSpan(i * rows, rows)) value = Math.Exp(-gamma * value);
        });
    }

    /// <summary>Width of the kernel, in the unit of the points.</summary>
    public double Sigma { get; }

    /// <summary>May be negative. Needs two points of each sample; with fewer it is the biased one.</summary>
    public double Unbiased() => Value(Sums([Labels()])[0], unbiased: true);

    /// <summary>Never negative.</summary>
    public double Biased() => Value(Sums([Labels()])[0], unbiased: false);

    /// <summary>
    /// The chance of a value as large when labels are exchangeable: (1 + as large) / (1 + permutations), which keeps the level exactly (Phipson and Smyth 2010).
    /// </summary>
    public (double Statistic, double PValue) Test(int permutations, Random random, CancellationToken cancel = default)
    {
        var labels = new double[permutations + 1][];
        labels[0] = Labels();
        for (var p = 1; p <= permutations; p++)
        {
            labels[p] = (double[])labels[0].Clone();
            random.Shuffle(labels[p]);
        }

        double[] values = [.. Sums(labels, cancel).Select(s => Value(s, unbiased: true))];
        var tolerance = 1e-12 * Math.Max(1, Math.Abs(values[0]));
        return (values[0], (1 + values.Skip(1).Count(v => v >= values[0] - tolerance)) / (1.0 + permutations));
    }

    private double[] Labels()
    {
        var labels = new double[m + n];
        Array.Fill(labels, 1, 0, m);
        return labels;
    }

    private double Value((double Within, double Other, double Between) sums, bool unbiased)
    {
        if (unbiased && m > 1 && n > 1)
        {
            // The diagonal is 1.
            return ((sums.Within - m) / ((double)m * (m - 1))) + ((sums.Other - n) / ((double)n * (n - 1))) - (2 * sums.Between / ((double)m * n));
        }

        return (sums.Within / ((double)m * m)) + (sums.Other / ((double)n * n)) - (2 * sums.Between / ((double)m * n));
    }

    /// <summary>For each labelling (1 = first sample) the kernel summed within the first, within the second, and between them.</summary>
    private (double Within, double Other, double Between)[] Sums(double[][] labels, CancellationToken cancel = default)
    {
        var rows = m + n;
        var toFirst = new double[rows * labels.Length];
        var all = new double[rows];
        Parallel.For(0, rows, new ParallelOptions { CancellationToken = cancel }, i =>
        {
            var row = kernel.AsSpan(i * rows, rows);
            double sum = 0;
            foreach (var k in row) sum += k;
            all[i] = sum;
            for (var p = 0; p < labels.Length; p++) toFirst[(i * labels.Length) + p] = Dot(row, labels[p]);
        });
        var sums = new (double Within, double Other, double Between)[labels.Length];
        for (var i = 0; i < rows; i++)
        {
            for (var p = 0; p < labels.Length; p++)
            {
                var first = toFirst[(i * labels.Length) + p];
                if (labels[p][i] > 0) sums[p].Within += first;
                else
                {
                    sums[p].Between += first;
                    sums[p].Other += all[i] - first;
                }
            }
        }

        return sums;
    }

    private static double[] Distances(double[] points, int width, int rows, CancellationToken cancel)
    {
        var distances = new double[(long)rows * rows];
        Parallel.For(0, rows, new ParallelOptions { CancellationToken = cancel }, i =>
        {
            var a = points.AsSpan(i * width, width);
            for (var j = 0; j < i; j++)
            {
                var distance = SquaredDistance(a, points.AsSpan(j * width, width));
                distances[(i * rows) + j] = distance;
                distances[(j * rows) + i] = distance;
            }
        });
        return distances;
    }

    // 2 sigma^2 is the median of the squared distances between different points; of many points a part is enough.
    private static double MedianSigma(double[] distances, int rows)
    {
        const int most = 500;
        var step = Math.Max(1, rows / most);
        var some = new List<double>(Math.Min(rows, most + 1) * Math.Min(rows, most + 1) / 2);
        for (var i = 0; i < rows; i += step)
        {
            for (var j = 0; j < i; j += step) some.Add(distances[(i * rows) + j]);
        }

        some.Sort();
        var median = some.Count == 0 ? 0 : some[some.Count / 2];
        if (median <= 0) median = some.Count == 0 ? 0 : some.Average(); // most points are the same one
        return median > 0 ? Math.Sqrt(median / 2) : 1;
    }

    private static double SquaredDistance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sums = Vector<double>.Zero;
        var at = 0;
        for (; at <= a.Length - Vector<double>.Count; at += Vector<double>.Count)
        {
            var difference = new Vector<double>(a[at..]) - new Vector<double>(b[at..]);
            sums += difference * difference;
        }

        var sum = Vector.Sum(sums);
        for (; at < a.Length; at++) sum += (a[at] - b[at]) * (a[at] - b[at]);
        return sum;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector<double> first = Vector<double>.Zero, second = Vector<double>.Zero;
        var (at, step) = (0, Vector<double>.Count);
        for (; at <= a.Length - (2 * step); at += 2 * step)
        {
            first += new Vector<double>(a[at..]) * new Vector<double>(b[at..]);
            second += new Vector<double>(a[(at + step)..]) * new Vector<double>(b[(at + step)..]);
        }

        var sum = Vector.Sum(first + second);
        for (; at < a.Length; at++) sum += a[at] * b[at];
        return sum;
    }
}
