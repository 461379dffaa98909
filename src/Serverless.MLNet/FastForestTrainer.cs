using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>A random forest by ML.NET's FastForest; several classes as one against all. Needs no native library.</summary>
internal sealed class FastForestTrainer() : MLNetTrainer(KnownTrainers.FastForest)
{
    protected override IPredictor Train(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, CancellationToken cancel)
    {
        var context = new MLContext(seed);
        if (set.Task == TaskKind.Regression)
        {
            var options = (FastForestRegressionTrainer.Options)Set(new FastForestRegressionTrainer.Options(), set, hyperparameters, seed);
            var model = context.Regression.Trainers.FastForest(options).Fit(MLData.View(context, set, cancel)).Model;
            return model.TrainedTreeEnsemble.Trees.Count > 0 ? FastTreeConversion.Forest(model, set.Features.Slots) : throw NoTree(set);
        }

        var classes = OneAgainstAll.Of(set).Select(one => Binary(context, one, hyperparameters, seed).Fit(MLData.View(context, one, cancel)).Model).ToArray();
        return classes.Any(c => c.TrainedTreeEnsemble.Trees.Count > 0) ? FastTreeConversion.Forest(classes, set.Features.Slots) : throw NoTree(set);
    }

    private static FastForestBinaryTrainer Binary(MLContext context, TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed) =>
        context.BinaryClassification.Trainers.FastForest((FastForestBinaryTrainer.Options)Set(new FastForestBinaryTrainer.Options(), set, hyperparameters, seed));

    private static FastForestOptionsBase Set(FastForestOptionsBase options, TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed)
    {
        options.NumberOfTrees = (int)hyperparameters["iterations"];
        options.NumberOfLeaves = (int)hyperparameters["leaves"];
        options.MinimumExampleCountPerLeaf = (int)hyperparameters["min-data-in-leaf"];
        options.FeatureFractionPerSplit = hyperparameters["feature-fraction"];
        // ML.NET draws features for each tree as well, which leaves trees of few features without a split.
        options.FeatureFraction = 1;
        options.BaggingExampleFraction = hyperparameters["bagging-fraction"];
        options.MaximumBinCountPerFeature = (int)hyperparameters["max-bin"];
        options.ExampleWeightColumnName = MLData.WeightColumn(set);
        (options.Seed, options.FeatureSelectionSeed) = (seed, seed);
        return options;
    }

    private static DataException NoTree(TrainingSet set) =>
        new($"no tree of the forest found a split in {set.Features.Rows} training rows; ingest more, or lower 'min-data-in-leaf'");
}
