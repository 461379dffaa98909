using Serverless.Statistics;

namespace Serverless.Search;

/// <summary>
/// A density over one hyperparameter from values that were tried: normals around them, cut at the bounds, each as wide as the way to its farther neighbour, and one
/// as wide as the range, the prior. Whole numbers take the mass of the interval that rounds to them. Source: J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl,
/// "Algorithms for hyper-parameter optimization", NeurIPS 2011, section 4.
/// </summary>
internal sealed class ParzenEstimator
{
    private readonly NumberDimension dimension;
    private readonly double low, high;
    private readonly (double Mean, double Deviation, double Mass)[] kernels;

    public ParzenEstimator(NumberDimension dimension, IEnumerable<double> values)
    {
        this.dimension = dimension;
        (low, high) = dimension.Scale;
        var (prior, range) = ((low + high) / 2, high - low);
        var means = values.Select(dimension.Scaled).Append(prior).Order().ToArray();
        // Narrower than that, a few equal values would shut out everything else.
        var least = range / Math.Min(100, means.Length + 1);
        var priorAt = Array.IndexOf(means, prior);
        kernels = [.. means.Select((mean, i) =>
        {
            var left = mean - (i == 0 ? low : means[i - 1]);
            var right = (i == means.Length - 1 ? high : means[i + 1]) - mean;
            var deviation = i == priorAt ? range : Math.Clamp(Math.Max(left, right), least, range);
            return (mean, deviation, NormalDistribution.Cdf((high - mean) / deviation) - NormalDistribution.Cdf((low - mean) / deviation));
        })];
    }

    public double Draw(Random random)
    {
        if (high <= low) return dimension.Min;
        var (mean, deviation, _) = kernels[random.Next(kernels.Length)];
        while (true)
        {
            // Box and Muller; the mean lies within the bounds, so at least every third or so is taken.
            var drawn = mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            if (drawn >= low && drawn <= high) return dimension.Value(drawn);
        }
    }

    /// <summary>Logarithm of the density on the dimension's scale; of a whole number, of its probability.</summary>
    public double LogDensity(double value)
    {
        if (high <= low) return 0;
        var sum = 0.0;
        foreach (var (mean, deviation, mass) in kernels) sum += Kernel(value, mean, deviation) / mass;
        return Math.Log(Math.Max(sum / kernels.Length, double.Epsilon));
    }

    private double Kernel(double value, double mean, double deviation)
    {
        if (dimension.Integer) return NormalDistribution.Cdf((dimension.Scaled(value + 0.5) - mean) / deviation) - NormalDistribution.Cdf((dimension.Scaled(value - 0.5) - mean) / deviation);
        var z = (dimension.Scaled(value) - mean) / deviation;
        return Math.Exp(-z * z / 2) / (deviation * Math.Sqrt(2 * Math.PI));
    }
}
