using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.Core.Tests.Training;

/// <summary>A trainer for tests: logistic weights found by a fixed number of gradient steps over number slots and the means of categories.</summary>
internal sealed class HalfTrainer : ITrainer
{
    public string Name => "half";

    public TrainerTraits Traits { get; } = new(NativeMissing: false, NativeCategories: false, NeedsScaling: true);

    public IReadOnlyList<Hyperparameter> Hyperparameters { get; } = [new("steps", 30, 1, 1000, true, "Gradient steps."), new("sign", 1, -1, 1, false, "-1 learns the opposite."), new("learning-rate", 1, 0, 1e300, false, "Length of a step.")];

    public int Fits { get; private set; }

    public Func<Task>? BeforeFit { get; set; }

    public bool Supports(TaskKind task) => true;

    public IPredictor Fit(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel)
    {
        Fits++;
        BeforeFit?.Invoke().GetAwaiter().GetResult();
        var (outputs, offsets, width) = (set.Task == TaskKind.Multiclass ? set.Classes : 1, new List<int>(), 0);
        foreach (var slot in set.Features.Slots)
        {
            offsets.Add(width);
            width += Math.Max(1, slot.Cardinality);
        }

        var (weights, biases) = (Enumerable.Range(0, outputs).Select(_ => new double[width]).ToArray(), new double[outputs]);
        var link = set.Task switch { TaskKind.Binary => Link.Sigmoid, TaskKind.Multiclass => Link.Softmax, _ => Link.Identity };
        var scores = new double[outputs];
        for (var step = 0; step < hyperparameters["steps"]; step++)
        {
            var gradient = weights.Select(w => new double[width + 1]).ToArray();
            var current = new LinearPredictor([.. set.Features.Slots.Select(s => s.Cardinality)], weights, biases, link);
            for (var r = 0; r < set.Features.Rows; r++)
            {
                var row = set.Features.Row(r);
                current.Predict(row, scores);
                for (var k = 0; k < outputs; k++)
                {
                    var truth = set.Task == TaskKind.Multiclass ? (set.Labels[r] == k ? 1 : 0) : set.Labels[r];
                    var error = scores[k] - truth;
                    gradient[k][width] += error;
                    for (var s = 0; s < row.Length; s++)
                    {
                        if (float.IsNaN(row[s])) continue;
                        if (set.Features.Slots[s].IsCategory) gradient[k][offsets[s] + (int)row[s]] += error;
                        else gradient[k][offsets[s]] += error * row[s];
                    }
                }
            }

            for (var k = 0; k < outputs; k++)
            {
                for (var i = 0; i < width; i++) weights[k][i] -= hyperparameters["learning-rate"] * gradient[k][i] / set.Features.Rows;
                biases[k] -= gradient[k][width] / set.Features.Rows;
            }
        }

        var sign = hyperparameters["sign"];
        return new LinearPredictor([.. set.Features.Slots.Select(s => s.Cardinality)], [.. weights.Select(w => w.Select(v => v * sign).ToArray())], biases, link);
    }
}
