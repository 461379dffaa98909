using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.Evaluation;

/// <summary>
/// The probability above which the answer is true, where the model file states what errors cost. A threshold is chosen on rows that neither the model that is asked nor the verdict
/// sees: a helper learns from the earlier training rows and answers the later ones (the last fifth by time), and the threshold of least cost there is the model's, which then learns
/// from all training rows. (As scikit-learn's <c>TunedThresholdClassifierCV(cv=0.2, refit=True)</c>, but split by time.) The holdout only judges it.
/// </summary>
public sealed record ThresholdChoice
{
    private const double SliceShare = 0.2;

    public required double Threshold { get; init; }

    /// <summary><c>slice</c>: least cost on the later training rows. <c>theory</c>: falsePositive / (falsePositive + falseNegative), because there was no slice with both classes, or the model was imported.</summary>
    public required string By { get; init; }

    public required double FalsePositive { get; init; }

    public required double FalseNegative { get; init; }

    /// <summary>The threshold of least expected cost if probabilities were true (C. Elkan 2001).</summary>
    public required double Theory { get; init; }

    /// <summary>Rows that chose it; they come after <see cref="LearnedRows"/> in time and before the holdout.</summary>
    public long? SliceRows { get; init; }

    public long? LearnedRows { get; init; }

    /// <summary>Mean cost of a row of the slice at the threshold, and at 0.5.</summary>
    public double? SliceCost { get; init; }

    public double? SliceCostAtHalf { get; init; }

    /// <returns>Null where no cost is stated: the threshold is 0.5.</returns>
    internal static ThresholdChoice? Of(ITrainer trainer, ModelDefinition model, DatasetDefinition dataset, TrainingRows rows, LabelledRows labels, IReadOnlyDictionary<string, double> hyperparameters, CancellationToken cancel)
    {
        if (model.Cost is not { } cost) return null;
        var theory = new ThresholdChoice { Threshold = cost.Threshold, By = "theory", FalsePositive = cost.FalsePositive, FalseNegative = cost.FalseNegative, Theory = cost.Threshold };
        // What an imported model learned from is not known: any slice may be among it.
        if (trainer is IModelImporter) return theory;
        if (TimeSplit.Last(Array.ConvertAll(labels.Train, r => rows.Ticks[r]), SliceShare) is not var (before, later)) return theory;
        var (learned, slice) = (Take(labels, before), Take(labels, later));
        if (!BothClasses(learned.TrainLabels) || !BothClasses(slice.TrainLabels)) return theory;
        var plan = FeatureFitting.Fit(model, FeatureCompiler.SchemaOf(model, dataset), trainer.Traits, rows.Table, learned.Train, cancel);
        var set = new TrainingSet { Task = model.Task, Features = plan.Transform(rows.Table, learned.Train, cancel), Labels = [.. learned.TrainLabels.Select(l => (float)l)], Classes = labels.Classes.Count };
        var helper = ModelFit.Run(trainer, model, set, learned, rows.Ticks, hyperparameters, null, cancel).Predictor;
        var probabilities = helper.PredictAll(plan.Transform(rows.Table, slice.Train, cancel), cancel);
        Divergence.Require(trainer, probabilities);
        var (threshold, least) = Least(cost, slice.TrainLabels, probabilities);
        return theory with
        {
            Threshold = threshold, By = "slice", SliceRows = later.Length, LearnedRows = before.Length, SliceCost = least, SliceCostAtHalf = Cost(cost, slice.TrainLabels, probabilities, 0.5),
        };
    }

    /// <summary>The threshold of least mean cost, half-way between the probabilities that it parts; of equals the one nearest to theory.</summary>
    internal static (double Threshold, double Cost) Least(CostDefinition cost, double[] truth, double[] probabilities)
    {
        var keys = (double[])probabilities.Clone();
        var items = (double[])truth.Clone();
        Array.Sort(keys, items);
        // Everything is called true at first; raising the threshold calls the lowest false.
        var total = items.Count(t => t <= 0.5) * cost.FalsePositive;
        var (best, least) = (Between(0, keys[0]), total);
        for (var i = 0; i < keys.Length;)
        {
            var key = keys[i];
            for (; i < keys.Length && keys[i] == key; i++) total += items[i] > 0.5 ? cost.FalseNegative : -cost.FalsePositive;
            var threshold = i < keys.Length ? Between(key, keys[i]) : Between(key, 1);
            var slack = 1e-9 * (cost.FalsePositive + cost.FalseNegative);
            if (total < least - slack || (total <= least + slack && Math.Abs(threshold - cost.Threshold) < Math.Abs(best - cost.Threshold))) (best, least) = (threshold, total);
        }

        return (best, Cost(cost, truth, probabilities, best));
    }

    /// <summary>Mean cost of a row.</summary>
    internal static double Cost(CostDefinition cost, double[] truth, double[] probabilities, double threshold)
    {
        long falsePositives = 0, falseNegatives = 0;
        for (var i = 0; i < truth.Length; i++)
        {
            if (probabilities[i] > threshold != truth[i] > 0.5) _ = truth[i] > 0.5 ? falseNegatives++ : falsePositives++;
        }

        return ((falsePositives * cost.FalsePositive) + (falseNegatives * cost.FalseNegative)) / truth.Length;
    }

    // At or above the lower, below the upper, whatever the rounding: 'above the threshold' is what true means.
    private static double Between(double lower, double upper) => lower + ((upper - lower) / 2) is var middle && middle < upper ? middle : lower;

    private static LabelledRows Take(LabelledRows labels, int[] at) =>
        labels with { Train = Array.ConvertAll(at, i => labels.Train[i]), TrainLabels = Array.ConvertAll(at, i => labels.TrainLabels[i]) };

    private static bool BothClasses(double[] labels) => Array.Exists(labels, l => l > 0.5) && Array.Exists(labels, l => l <= 0.5);
}
