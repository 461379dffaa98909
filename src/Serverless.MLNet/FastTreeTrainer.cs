using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>Gradient-boosted trees by ML.NET's FastTree (MART); several classes as one against all. Needs no native library.</summary>
internal sealed class FastTreeTrainer() : MLNetTrainer(KnownTrainers.FastTree), IEarlyStoppingTrainer
{
    /// <summary>All trees are learned, and those after the best one are dropped: boosting adds tree after tree, so the first ones are the same either way.</summary>
    public StoppingPoint FindBest(TrainingSet set, TrainingSet later, int rounds, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel)
    {
        var trees = (TreeEnsemble)Fit(set, hyperparameters, seed, progress, cancel);
        var losses = TreeLosses.Of(trees, later, cancel);
        var best = 0;
        var tried = 1;
        for (; tried < losses.Length && tried - best <= rounds; tried++)
        {
            if (losses[tried] < losses[best]) best = tried;
        }

        return new StoppingPoint(trees.Take((best + 1) * trees.Outputs), best + 1, tried, losses[best]);
    }

    protected override IPredictor Train(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, CancellationToken cancel)
    {
        var context = new MLContext(seed);
        if (set.Task == TaskKind.Regression)
        {
            var options = (FastTreeRegressionTrainer.Options)Set(new FastTreeRegressionTrainer.Options(), set, hyperparameters, seed);
            return FastTreeConversion.Regression(context.Regression.Trainers.FastTree(options).Fit(MLData.View(context, set, cancel)).Model, set.Features.Slots);
        }

        var classes = OneAgainstAll.Of(set).Select(one => Binary(context, one, hyperparameters, seed).Fit(MLData.View(context, one, cancel)).Model).ToArray();
        return set.Task == TaskKind.Binary ? FastTreeConversion.Binary(classes[0], set.Features.Slots) : FastTreeConversion.Multiclass(classes, set.Features.Slots);
    }

    private static FastTreeBinaryTrainer Binary(MLContext context, TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed) =>
        context.BinaryClassification.Trainers.FastTree((FastTreeBinaryTrainer.Options)Set(new FastTreeBinaryTrainer.Options(), set, hyperparameters, seed));

    // Not generic: a constraint on a type of ML.NET would load its assembly with this class.
    private static BoostedTreeOptions Set(BoostedTreeOptions options, TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed)
    {
        options.NumberOfTrees = (int)hyperparameters["iterations"];
        options.NumberOfLeaves = (int)hyperparameters["leaves"];
        options.LearningRate = hyperparameters["learning-rate"];
        options.MinimumExampleCountPerLeaf = (int)hyperparameters["min-data-in-leaf"];
        options.MaximumBinCountPerFeature = (int)hyperparameters["max-bin"];
        options.ExampleWeightColumnName = MLData.WeightColumn(set);
        (options.Seed, options.FeatureSelectionSeed) = (seed, seed);
        return options;
    }
}
