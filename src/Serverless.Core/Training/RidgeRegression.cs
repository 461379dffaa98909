namespace Serverless.Training;

/// <summary>
/// Weights w and intercept c that make mean((y - x·w - c)²) + l2·|w|² least; with row weights the mean is a weighted one. scikit-learn's <c>Ridge</c> with alpha = l2 · rows.
/// The normal equations are solved by conjugate gradients (Hestenes and Stiefel, 1952) without ever being written down: a step is one pass over the rows, categories stay
/// indices, and the intercept is taken out by centring on the means. One thread, so that sums have one order.
/// </summary>
internal sealed class RidgeRegression
{
    private readonly TrainingSet set;
    private readonly double l2;
    private readonly int[] cardinalities;
    private readonly int[] offsets;
    private readonly double[] means;
    private readonly double[] variances;
    private readonly double labelMean;
    private readonly double total;

    public RidgeRegression(TrainingSet set, double l2)
    {
        (this.set, this.l2) = (set, l2);
        cardinalities = [.. set.Features.Slots.Select(s => s.Cardinality)];
        offsets = new int[cardinalities.Length];
        for (var s = 1; s < offsets.Length; s++) offsets[s] = offsets[s - 1] + Math.Max(1, cardinalities[s - 1]);
        var width = cardinalities.Sum(c => Math.Max(1, c));
        (means, variances) = (new double[width], new double[width]);
        for (var r = 0; r < set.Features.Rows; r++)
        {
            total += Weight(r);
            labelMean += Weight(r) * set.Labels[r];
            Scatter(set.Features.Row(r), Weight(r), means);
        }

        labelMean /= total;
        for (var j = 0; j < width; j++) means[j] /= total;
        for (var r = 0; r < set.Features.Rows; r++) AddSquares(set.Features.Row(r), Weight(r));
        for (var s = 0; s < cardinalities.Length; s++)
        {
            // A 0/1 column of mean m has the variance m (1 - m).
            for (var c = 0; c < Math.Max(1, cardinalities[s]); c++)
            {
                var j = offsets[s] + c;
                variances[j] = cardinalities[s] > 0 ? means[j] * (1 - means[j]) : variances[j] / total;
            }
        }
    }

    /// <param name="tolerance">Length of the remaining gradient, relative to the first, at which the steps end.</param>
    /// <returns>The weights of all slots one after another.</returns>
    public double[] Solve(int iterations, double tolerance, IProgress<double>? progress, CancellationToken cancel)
    {
        var width = means.Length;
        var (w, product) = (new double[width], new double[width]);
        var residual = Target();
        var direction = new double[width];
        var (squared, first) = (0.0, 0.0);
        for (var step = 0; step < iterations; step++)
        {
            cancel.ThrowIfCancellationRequested();
            var next = 0.0;
            for (var j = 0; j < width; j++) next += residual[j] * residual[j] / Scale(j);
            if (step == 0) first = next;
            if (next <= tolerance * tolerance * first || next == 0) break;
            var beta = step == 0 ? 0 : next / squared;
            for (var j = 0; j < width; j++) direction[j] = residual[j] / Scale(j) + beta * direction[j];
            squared = next;
            Multiply(direction, product);
            var curvature = 0.0;
            for (var j = 0; j < width; j++) curvature += direction[j] * product[j];
            // Nothing is left but directions in which the columns say nothing.
            if (!(curvature > 0)) break;
            var length = squared / curvature;
            for (var j = 0; j < width; j++)
            {
                w[j] += length * direction[j];
                residual[j] -= length * product[j];
            }

            progress?.Report((step + 1.0) / iterations);
        }

        return w;
    }

    public double Intercept(double[] weights)
    {
        var sum = labelMean;
        for (var j = 0; j < weights.Length; j++) sum -= weights[j] * means[j];
        return sum;
    }

    /// <summary>Columns of other units, and rare categories, converge as fast as others. A column of one value has nothing to scale.</summary>
    private double Scale(int j) => variances[j] + l2 is > 0 and var scale ? scale : 1;

    /// <summary>The covariance of each column with the label: what the weights have to explain.</summary>
    private double[] Target()
    {
        var target = new double[means.Length];
        var rest = 0.0;
        for (var r = 0; r < set.Features.Rows; r++)
        {
            var off = Weight(r) * (set.Labels[r] - labelMean);
            Scatter(set.Features.Row(r), off, target);
            rest += off;
        }

        for (var j = 0; j < target.Length; j++) target[j] = (target[j] - rest * means[j]) / total;
        return target;
    }

    /// <summary>(covariance + l2) · v</summary>
    private void Multiply(double[] v, double[] product)
    {
        var shift = 0.0;
        for (var j = 0; j < v.Length; j++) shift += v[j] * means[j];
        Array.Clear(product);
        var rest = 0.0;
        for (var r = 0; r < set.Features.Rows; r++)
        {
            var row = set.Features.Row(r);
            var z = Weight(r) * (Dot(row, v) - shift);
            Scatter(row, z, product);
            rest += z;
        }

        for (var j = 0; j < v.Length; j++) product[j] = (product[j] - rest * means[j]) / total + l2 * v[j];
    }

    private double Weight(int r) => set.Weights is { } weights ? weights[r] : 1;

    private double Dot(ReadOnlySpan<float> row, double[] v)
    {
        var sum = 0.0;
        for (var s = 0; s < row.Length; s++)
        {
            if (cardinalities[s] == 0) sum += row[s] * v[offsets[s]];
            else if (!float.IsNaN(row[s])) sum += v[offsets[s] + (int)row[s]];
        }

        return sum;
    }

    private void Scatter(ReadOnlySpan<float> row, double by, double[] sums)
    {
        for (var s = 0; s < row.Length; s++)
        {
            if (cardinalities[s] == 0) sums[offsets[s]] += by * row[s];
            else if (!float.IsNaN(row[s])) sums[offsets[s] + (int)row[s]] += by;
        }
    }

    private void AddSquares(ReadOnlySpan<float> row, double weight)
    {
        for (var s = 0; s < row.Length; s++)
        {
            if (cardinalities[s] > 0) continue;
            var off = row[s] - means[offsets[s]];
            variances[offsets[s]] += weight * off * off;
        }
    }
}
