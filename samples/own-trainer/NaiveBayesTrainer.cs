using Serverless.Models;
using Serverless.Scoring;
using Serverless.Training;

namespace OwnTrainer;

/// <summary>Naive Bayes: categories by their frequencies in each class, numbers as normally distributed in it. Missing values say nothing.</summary>
public sealed class NaiveBayesTrainer : ITrainer
{
    public string Name => "naive-bayes";

    public TrainerTraits Traits { get; } = new(NativeMissing: true, NativeCategories: true, NeedsScaling: false);

    public IReadOnlyList<Hyperparameter> Hyperparameters { get; } = [new("smoothing", 1, 1e-3, 1e6, Integer: false, "Rows added to each category of each class (Laplace).") { Search = new(0.01, 100, Log: true) }];

    public bool Supports(TaskKind task) => task != TaskKind.Regression;

    public IPredictor Fit(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel)
    {
        var (slots, classes, smoothing) = (set.Features.Slots, set.Classes, hyperparameters["smoothing"]);
        var priors = new double[classes];
        foreach (var label in set.Labels) priors[(int)label]++;
        var tables = new double[classes][][];
        for (var k = 0; k < classes; k++) tables[k] = [.. slots.Select(s => new double[s.IsCategory ? s.Cardinality : 3])];
        for (var r = 0; r < set.Features.Rows; r++)
        {
            if ((r & 4095) == 0) cancel.ThrowIfCancellationRequested();
            var row = set.Features.Row(r);
            for (var s = 0; s < row.Length; s++)
            {
                if (float.IsNaN(row[s])) continue;
                var table = tables[(int)set.Labels[r]][s];
                if (slots[s].IsCategory) table[(int)row[s]]++;
                else Welford(table, row[s]);
            }
        }

        for (var k = 0; k < classes; k++)
        {
            for (var s = 0; s < slots.Count; s++) tables[k][s] = slots[s].IsCategory ? Frequencies(tables[k][s], smoothing) : Normal(tables[k][s]);
        }

        return new NaiveBayesPredictor([.. priors.Select(p => Math.Log((p + smoothing) / (set.Labels.Length + smoothing * classes)))], [.. slots.Select(s => s.Cardinality)], tables);
    }

    // Count, mean and sum of squared differences, in one pass.
    private static void Welford(double[] state, double value)
    {
        var delta = value - state[1];
        state[1] += delta / ++state[0];
        state[2] += delta * (value - state[1]);
    }

    private static double[] Frequencies(double[] counts, double smoothing)
    {
        var total = counts.Sum() + smoothing * counts.Length;
        return [.. counts.Select(c => Math.Log((c + smoothing) / total))];
    }

    private static double[] Normal(double[] state) => [state[1], Math.Sqrt(Math.Max(1e-9, state[2] / Math.Max(1, state[0])))];
}
