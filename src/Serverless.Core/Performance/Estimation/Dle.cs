using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.Performance;

/// <summary>
/// Direct loss estimation: a second model learns on the reference, from the features and the answer of the first, how wrong the first is, and says so of rows whose labels are not there yet. Source:
/// NannyML, "How it works: performance estimation". Holds while what follows from the features is what followed on the reference.
/// </summary>
internal sealed class Dle
{
    private const string Absolute = "mae", Squared = "mse", Relative = "mape", Logarithmic = "msle";

    private readonly IReadOnlyDictionary<string, IPredictor> losses;
    private readonly IReadOnlyDictionary<string, double> deviations;
    private readonly double rootDeviation;
    private readonly int referenceRows;

    private Dle(IReadOnlyDictionary<string, IPredictor> losses, IReadOnlyDictionary<string, double> deviations, double rootDeviation, int referenceRows) =>
        (this.losses, this.deviations, this.rootDeviation, this.referenceRows) = (losses, deviations, rootDeviation, referenceRows);

    /// <param name="features">As the model sees the rows of the reference.</param>
    /// <param name="trainer">Learns the loss.</param>
    public static Dle Fit(FeatureMatrix features, double[] truth, double[] answers, ITrainer trainer, IReadOnlyDictionary<string, double> hyperparameters, int seed, CancellationToken cancel)
    {
        var wide = With(features, answers);
        var known = new Dictionary<string, double[]>
        {
            [Absolute] = [.. truth.Zip(answers, (t, a) => Math.Abs(t - a))],
            [Squared] = [.. truth.Zip(answers, (t, a) => (t - a) * (t - a))],
        };
        if (Array.TrueForAll(truth, t => t != 0)) known[Relative] = [.. truth.Zip(answers, (t, a) => Math.Abs((t - a) / t))];
        if (Array.TrueForAll(truth, t => t >= 0) && Array.TrueForAll(answers, a => a >= 0)) known[Logarithmic] = [.. truth.Zip(answers, (t, a) => Math.Pow(Math.Log(1 + t) - Math.Log(1 + a), 2))];
        var models = known.ToDictionary(k => k.Key, k => trainer.Fit(new TrainingSet { Task = TaskKind.Regression, Features = wide, Labels = [.. k.Value.Select(v => (float)v)], Classes = 0 }, hyperparameters, seed, null, cancel));
        // By the delta method: a small change of the mean squared error moves its root by half of it over the root.
        var root = Math.Sqrt(known[Squared].Average());
        return new Dle(models, known.ToDictionary(k => k.Key, k => Deviation(k.Value)), root > 0 ? Deviation(known[Squared]) / (2 * root) : double.NaN, truth.Length);
    }

    /// <summary>Expected losses of a chunk; rmse and rmsle follow from their squares.</summary>
    public IReadOnlyDictionary<string, EstimatedValue> Estimate(FeatureMatrix features, double[] answers, CancellationToken cancel)
    {
        var wide = With(features, answers);
        var means = losses.ToDictionary(l => l.Key, l => l.Value.PredictAll(wide, cancel).Average(v => Math.Max(0, v)));
        EstimatedValue Of(double value, double deviation) => EstimatedValue.Of(value, deviation, answers.Length, referenceRows, 0, double.PositiveInfinity);
        var found = new Dictionary<string, EstimatedValue> { ["rmse"] = Of(Math.Sqrt(means[Squared]), rootDeviation), [Absolute] = Of(means[Absolute], deviations[Absolute]), [Squared] = Of(means[Squared], deviations[Squared]) };
        if (means.TryGetValue(Relative, out var relative)) found[Relative] = Of(relative, deviations[Relative]);
        if (means.TryGetValue(Logarithmic, out var logarithmic) && logarithmic > 0) found["rmsle"] = Of(Math.Sqrt(logarithmic), deviations[Logarithmic] / (2 * Math.Sqrt(logarithmic)));
        return found.Where(f => double.IsFinite(f.Value.Value)).ToDictionary(f => f.Key, f => f.Value);
    }

    // The answer is one more feature: where it is large, so may be the error.
    private static FeatureMatrix With(FeatureMatrix features, double[] answers)
    {
        var (width, values) = (features.Slots.Count, new float[(features.Slots.Count + 1) * features.Rows]);
        for (var i = 0; i < features.Rows; i++)
        {
            features.Row(i).CopyTo(values.AsSpan(i * (width + 1), width));
            values[(i * (width + 1)) + width] = (float)answers[i];
        }

        return new FeatureMatrix(values, features.Rows, [.. features.Slots, new FeatureSlot("_answer", 0, false)]);
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length);
    }
}
