using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>Gradient-boosted trees by ML.NET's FastTree (MART); several classes as one against all. Needs no native library.</summary>
internal sealed class FastTreeTrainer() : MLNetTrainer(KnownTrainers.FastTree)
{
    protected override IPredictor Train(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, CancellationToken cancel)
    {
        var context = new MLContext(seed);
        switch (set.Task)
        {
            case TaskKind.Regression:
                var regression = context.Regression.Trainers.FastTree((FastTreeRegressionTrainer.Options)Set(new FastTreeRegressionTrainer.Options(), hyperparameters, seed)).Fit(MLData.View(context, set, cancel)).Model;
                return FastTreeConversion.Regression(regression, set.Features.Slots);
            case TaskKind.Binary:
                return FastTreeConversion.Binary(Binary(context, hyperparameters, seed).Fit(MLData.View(context, set, cancel)).Model, set.Features.Slots);
            default:
                // One against all by hand, because ML.NET keeps the parts of its own to itself.
                var classes = Enumerable.Range(0, set.Classes)
                    .Select(k => set with { Task = TaskKind.Binary, Classes = 2, Labels = [.. set.Labels.Select(l => l == k ? 1f : 0f)] })
                    .Select(one => Binary(context, hyperparameters, seed).Fit(MLData.View(context, one, cancel)).Model);
                return FastTreeConversion.Multiclass([.. classes], set.Features.Slots);
        }
    }

    private static FastTreeBinaryTrainer Binary(MLContext context, IReadOnlyDictionary<string, double> hyperparameters, int seed) =>
        context.BinaryClassification.Trainers.FastTree((FastTreeBinaryTrainer.Options)Set(new FastTreeBinaryTrainer.Options(), hyperparameters, seed));

    // Not generic: a constraint on a type of ML.NET would load its assembly with this class.
    private static BoostedTreeOptions Set(BoostedTreeOptions options, IReadOnlyDictionary<string, double> hyperparameters, int seed)
    {
        options.NumberOfTrees = (int)hyperparameters["iterations"];
        options.NumberOfLeaves = (int)hyperparameters["leaves"];
        options.LearningRate = hyperparameters["learning-rate"];
        options.MinimumExampleCountPerLeaf = (int)hyperparameters["min-data-in-leaf"];
        options.MaximumBinCountPerFeature = (int)hyperparameters["max-bin"];
        (options.Seed, options.FeatureSelectionSeed) = (seed, seed);
        return options;
    }
}
