using Microsoft.ML.Calibrators;
using Microsoft.ML.Trainers.FastTree;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>From ML.NET's trained trees to ours.</summary>
internal static class FastTreeConversion
{
    public static TreeEnsemble Regression(FastTreeRegressionModelParameters model, IReadOnlyList<FeatureSlot> slots)
    {
        var ensemble = model.TrainedTreeEnsemble;
        var builder = new TreeEnsembleBuilder(1) { Bias = [ensemble.Bias] };
        for (var t = 0; t < ensemble.Trees.Count; t++) Add(builder, ensemble.Trees[t], ensemble.TreeWeights[t], MLData.Places(slots));
        return builder.Build();
    }

    public static TreeEnsemble Binary(CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator> model, IReadOnlyList<FeatureSlot> slots) =>
        Calibrated([model], slots, Link.Sigmoid);

    /// <summary>One against all: each class's probability divided by their sum, as ML.NET's OneVersusAll does.</summary>
    public static TreeEnsemble Multiclass(CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator>[] classes, IReadOnlyList<FeatureSlot> slots) =>
        Calibrated(classes, slots, Link.NormalisedSigmoid);

    /// <summary>The mean of the trees' values.</summary>
    public static TreeEnsemble Forest(FastForestRegressionModelParameters model, IReadOnlyList<FeatureSlot> slots)
    {
        var ensemble = model.TrainedTreeEnsemble;
        var builder = new TreeEnsembleBuilder(1) { Bias = [ensemble.Bias] };
        foreach (var tree in ensemble.Trees) Add(builder, tree, 1.0 / ensemble.Trees.Count, MLData.Places(slots));
        return builder.Build();
    }

    /// <summary>
    /// The mean over the trees of the share of true in a row's leaf, which is what a forest means by probability (Breiman, 2001; scikit-learn). ML.NET's leaves hold true minus false,
    /// and its score is their sum: the probability is half of (score / trees + 1). Several classes: divided by their sum.
    /// </summary>
    public static TreeEnsemble Forest(FastForestBinaryModelParameters[] classes, IReadOnlyList<FeatureSlot> slots)
    {
        var ensembles = classes.Select(m => m.TrainedTreeEnsemble).ToArray();
        var builder = new TreeEnsembleBuilder(classes.Length) { Link = Link.Proportion, Bias = [.. ensembles.Select(e => 0.5 + (e.Trees.Count == 0 ? 0 : e.Bias / 2 / e.Trees.Count))] };
        var places = MLData.Places(slots);
        for (var t = 0; t < ensembles.Max(e => e.Trees.Count); t++)
        {
            foreach (var ensemble in ensembles)
            {
                if (t < ensemble.Trees.Count) Add(builder, ensemble.Trees[t], ensemble.TreeWeights[t] / 2 / ensemble.Trees.Count, places);
                else builder.AddTree(~builder.AddLeaf(0));
            }
        }

        return builder.Build();
    }

    private static TreeEnsemble Calibrated(CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator>[] models, IReadOnlyList<FeatureSlot> slots, Link link)
    {
        // Platt: 1 / (1 + exp(slope * score + offset)). FastTree's calibrator is fixed by its loss, so all classes have the same.
        var calibrator = models[0].Calibrator;
        if (models.Any(m => m.Calibrator.Slope != calibrator.Slope || m.Calibrator.Offset != calibrator.Offset))
        {
            throw new InvalidOperationException("the classes have different calibrators");
        }

        var ensembles = models.Select(m => m.SubModel.TrainedTreeEnsemble).ToArray();
        var builder = new TreeEnsembleBuilder(models.Length)
        {
            Link = link, Slope = -calibrator.Slope, Offset = -calibrator.Offset, Bias = [.. ensembles.Select(e => e.Bias)],
        };
        var places = MLData.Places(slots);
        for (var t = 0; t < ensembles.Max(e => e.Trees.Count); t++)
        {
            foreach (var ensemble in ensembles)
            {
                // A class whose training stopped early adds nothing for the rest.
                if (t < ensemble.Trees.Count) Add(builder, ensemble.Trees[t], ensemble.TreeWeights[t], places);
                else builder.AddTree(~builder.AddLeaf(0));
            }
        }

        return builder.Build();
    }

    private static void Add(TreeEnsembleBuilder builder, RegressionTreeBase tree, double weight, (int Slot, int Category)[] places)
    {
        var (node, leaf) = (builder.NextNode, builder.NextLeaf);
        foreach (var value in tree.LeafValues) builder.AddLeaf(value * weight);
        int Child(int child) => child >= 0 ? child + node : ~(~child + leaf);
        for (var i = 0; i < tree.NumberOfNodes; i++)
        {
            if (tree.CategoricalSplitFlags[i]) throw new InvalidOperationException("FastTree made a categorical split, which was not asked for");
            var (place, threshold) = (places[tree.NumericalSplitFeatureIndexes[i]], tree.NumericalSplitThresholds[i]);
            var (left, right) = (Child(tree.LeftChild[i]), Child(tree.RightChild[i]));
            if (place.Category < 0) builder.AddNumber(place.Slot, threshold, missingLeft: false, left, right);
            else builder.AddCategory(place.Slot, place.Category, 1 <= threshold ? left : right, 0 <= threshold ? left : right);
        }

        builder.AddTree(tree.NumberOfNodes == 0 ? ~leaf : node);
    }
}
