using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring.Predictors;
using static Serverless.MLNet.Tests.Comparison;

namespace Serverless.MLNet.Tests;

public sealed class FastForestTests
{
    private static FastForestOptionsBase Trees(FastForestOptionsBase options)
    {
        (options.NumberOfTrees, options.NumberOfLeaves, options.MinimumExampleCountPerLeaf, options.FeatureFraction) = (25, 20, 10, 1);
        (options.Seed, options.FeatureSelectionSeed) = (42, 42);
        return options;
    }

    // ML.NET's score is the sum of the trees' true minus false.
    [Fact]
    public void Fit_Binary_ProbabilityIsTheMeanShareOfTheLeaves()
    {
        var (set, context) = (Sets.Make(TaskKind.Binary, 3000, 1), new MLContext(42));
        var model = context.BinaryClassification.Trainers.FastForest((FastForestBinaryTrainer.Options)Trees(new FastForestBinaryTrainer.Options())).Fit(MLData.View(context, set));
        var trees = model.Model.TrainedTreeEnsemble.Trees.Count;
        var ours = Fit(new FastForestTrainer(), set, ("iterations", 25));
        Compare(ours, model, context, set, "Score", s => (s / trees + 1) / 2);
        ours.PredictAll(set.Features).Average().ShouldBe(set.Labels.Average(l => (double)l), 0.02);
    }

    [Fact]
    public void Fit_Regression_EqualsMLNet()
    {
        var (set, context) = (Sets.Make(TaskKind.Regression, 3000, 1), new MLContext(42));
        var model = context.Regression.Trainers.FastForest((FastForestRegressionTrainer.Options)Trees(new FastForestRegressionTrainer.Options())).Fit(MLData.View(context, set));
        Compare(Fit(new FastForestTrainer(), set, ("iterations", 25)), model, context, set, "Score");
    }

    [Fact]
    public void Fit_Multiclass_ProbabilitiesAreSharesThatSumToOne()
    {
        var set = Sets.Make(TaskKind.Multiclass, 2000, 1);
        var answers = Restored(Fit(new FastForestTrainer(), set, ("iterations", 25))).PredictAll(set.Features);
        for (var r = 0; r < set.Features.Rows; r++) answers.AsSpan(r * 3, 3).ToArray().ShouldSatisfyAllConditions(p => p.Sum().ShouldBe(1, 1e-12), p => p.ShouldAllBe(v => v >= 0 && v <= 1));
        for (var k = 0; k < 3; k++) Enumerable.Range(0, set.Features.Rows).Average(r => answers[r * 3 + k]).ShouldBe(set.Labels.Count(l => l == k) / 2000.0, 0.03);
    }

    [Fact]
    public void Fit_TooFewRowsForASplit_SaysSo()
    {
        var set = Sets.Make(TaskKind.Regression, 12, 1);
        Should.Throw<DataException>(() => Fit(new FastForestTrainer(), set)).Message.ShouldContain("no tree of the forest found a split in 12 training rows");
    }
}
