namespace Serverless.Evaluation.Weighted;

/// <summary>All metrics of a regression.</summary>
internal sealed class RegressionFigures : IWeightedFigures
{
    private static readonly string[] All = ["rmse", "mae", "r2", "mape", "mse", "median-ae", "smape", "rmsle", "max-error", "explained-variance", "poisson-deviance"];

    private readonly double[] truth;
    private readonly double[] errors;
    private readonly double centre;
    private readonly int[] byError;
    private readonly double[]? relative;
    private readonly double[] symmetric;
    private readonly double[]? logarithmic;
    private readonly double[]? deviance;

    public RegressionFigures(double[] truth, double[] predictions)
    {
        this.truth = truth;
        var rows = truth.Length;

        // Sums of squares around a value near the mean keep their digits.
        centre = rows == 0 ? 0 : truth.Average();
        errors = [.. truth.Zip(predictions, (t, p) => p - t)];
        byError = [.. Enumerable.Range(0, rows)];
        Array.Sort(errors.Select(Math.Abs).ToArray(), byError);
        symmetric = [.. truth.Zip(predictions, (t, p) => p == t ? 0 : 2 * Math.Abs(p - t) / (Math.Abs(p) + Math.Abs(t)))];
        if (Array.TrueForAll(truth, t => t != 0)) relative = [.. truth.Zip(predictions, (t, p) => Math.Abs((p - t) / t))];
        if (!Array.TrueForAll(truth, t => t >= 0)) return;
        if (Array.TrueForAll(predictions, p => p >= 0)) logarithmic = [.. truth.Zip(predictions, (t, p) => Square(Math.Log(1 + p) - Math.Log(1 + t)))];
        if (Array.TrueForAll(predictions, p => p > 0)) deviance = [.. truth.Zip(predictions, (t, p) => 2 * ((t == 0 ? 0 : t * Math.Log(t / p)) - t + p))];
    }

    public IReadOnlyList<string> Names => All;

    public void Compute(ReadOnlySpan<byte> weights, Span<double> values)
    {
        double sum = 0, absolute = 0, squared = 0, from = 0, fromSquared = 0, largest = 0, same = 0;
        long all = 0;
        for (var i = 0; i < errors.Length; i++)
        {
            int weight = weights[i];
            if (weight == 0) continue;
            double error = errors[i], apart = truth[i] - centre;
            all += weight;
            sum += weight * error;
            absolute += weight * Math.Abs(error);
            squared += weight * (error * error);
            from += weight * apart;
            fromSquared += weight * (apart * apart);
            same += weight * symmetric[i];
            largest = Math.Max(largest, Math.Abs(error));
        }

        values.Fill(double.NaN);
        if (all == 0) return;
        values[0] = Math.Sqrt(squared / all);
        values[1] = absolute / all;
        values[3] = Mean(relative, weights, all);
        values[4] = squared / all;
        values[5] = Median(weights, all);
        values[6] = same / all;
        values[7] = Math.Sqrt(Mean(logarithmic, weights, all));
        values[8] = largest;
        values[10] = Mean(deviance, weights, all);
        var variance = fromSquared - (from * from / all);
        if (!(variance > 0)) return;
        values[2] = 1 - (squared / variance);
        values[9] = 1 - ((squared - (sum * sum / all)) / variance);
    }

    // The middle of the absolute errors; of an even number the mean of the two in the middle.
    private double Median(ReadOnlySpan<byte> weights, long all)
    {
        long before = 0;
        for (var i = 0; i < byError.Length; i++)
        {
            before += weights[byError[i]];
            if (before * 2 < all) continue;
            var middle = Math.Abs(errors[byError[i]]);
            if (before * 2 > all) return middle;
            var next = i + 1;
            while (weights[byError[next]] == 0) next++;
            return (middle + Math.Abs(errors[byError[next]])) / 2;
        }

        return double.NaN;
    }

    private static double Mean(double[]? losses, ReadOnlySpan<byte> weights, long all)
    {
        if (losses is null) return double.NaN;
        var sum = 0.0;
        for (var i = 0; i < losses.Length; i++) sum += weights[i] * losses[i];
        return sum / all;
    }

    private static double Square(double value) => value * value;
}
