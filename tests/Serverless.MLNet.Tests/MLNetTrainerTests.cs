using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Serverless.Models;
using Serverless.Evaluation;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using static Serverless.MLNet.Tests.Comparison;

namespace Serverless.MLNet.Tests;

/// <summary>Our predictors against ML.NET's own prediction of a model trained alike. ML.NET scores in float, so the two agree to its precision.</summary>
public sealed class MLNetTrainerTests
{
    private static string Bytes(IPredictor predictor)
    {
        var stream = new MemoryStream();
        ModelPackage.Formats.Single(f => f.Format == predictor.Format).Write(predictor, stream);
        return Convert.ToHexString(stream.ToArray());
    }

    private static BoostedTreeOptions Trees(BoostedTreeOptions options)
    {
        (options.NumberOfTrees, options.NumberOfLeaves, options.LearningRate, options.MinimumExampleCountPerLeaf) = (20, 20, 0.2, 10);
        (options.Seed, options.FeatureSelectionSeed) = (42, 42);
        return options;
    }

    [Fact]
    public void FastTree_Binary_EqualsMLNet()
    {
        var (set, context) = (Sets.Make(TaskKind.Binary, 3000, 1), new MLContext(42));
        var model = context.BinaryClassification.Trainers.FastTree((FastTreeBinaryTrainer.Options)Trees(new FastTreeBinaryTrainer.Options())).Fit(MLData.View(context, set));
        Compare(Fit(new FastTreeTrainer(), set, ("iterations", 20)), model, context, set, "Probability");
    }

    [Fact]
    public void FastTree_Regression_EqualsMLNet()
    {
        var (set, context) = (Sets.Make(TaskKind.Regression, 3000, 1), new MLContext(42));
        var model = context.Regression.Trainers.FastTree((FastTreeRegressionTrainer.Options)Trees(new FastTreeRegressionTrainer.Options())).Fit(MLData.View(context, set));
        Compare(Fit(new FastTreeTrainer(), set, ("iterations", 20)), model, context, set, "Score");
    }

    [Fact]
    public void FastTree_Multiclass_EqualsMLNetsOneAgainstAll()
    {
        var (set, context) = (Sets.Make(TaskKind.Multiclass, 2000, 1), new MLContext(42));
        var one = context.BinaryClassification.Trainers.FastTree((FastTreeBinaryTrainer.Options)Trees(new FastTreeBinaryTrainer.Options()));
        Compare(Fit(new FastTreeTrainer(), set, ("iterations", 20)), context.MulticlassClassification.Trainers.OneVersusAll(one).Fit(MLData.View(context, set)), context, set, "Score");
    }

    [Fact]
    public void Logistic_Binary_EqualsMLNet()
    {
        var (set, context) = (Sets.Make(TaskKind.Binary, 2000, 1), new MLContext(42));
        var options = new LbfgsLogisticRegressionBinaryTrainer.Options { L1Regularization = 0, L2Regularization = 1, OptimizationTolerance = 1e-7f, MaximumNumberOfIterations = 200, NumberOfThreads = 1 };
        Compare(Fit(new LogisticTrainer(), set), context.BinaryClassification.Trainers.LbfgsLogisticRegression(options).Fit(context.Data.Cache(MLData.View(context, set))), context, set, "Probability");
    }

    [Fact]
    public void Logistic_Multiclass_EqualsMLNet()
    {
        var (set, context) = (Sets.Make(TaskKind.Multiclass, 2000, 1), new MLContext(42));
        var options = new LbfgsMaximumEntropyMulticlassTrainer.Options { L1Regularization = 0, L2Regularization = 1, OptimizationTolerance = 1e-7f, MaximumNumberOfIterations = 200, NumberOfThreads = 1 };
        Compare(Fit(new LogisticTrainer(), set), context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(options).Fit(context.Data.Cache(MLData.View(context, set))), context, set, "Score");
    }

    [Theory]
    [InlineData("fasttree", TaskKind.Binary), InlineData("fasttree", TaskKind.Multiclass), InlineData("fasttree", TaskKind.Regression)]
    [InlineData("logistic", TaskKind.Binary), InlineData("logistic", TaskKind.Multiclass)]
    [InlineData("fastforest", TaskKind.Binary), InlineData("fastforest", TaskKind.Multiclass), InlineData("fastforest", TaskKind.Regression)]
    [InlineData("gam", TaskKind.Binary), InlineData("gam", TaskKind.Multiclass), InlineData("gam", TaskKind.Regression)]
    [InlineData("sdca", TaskKind.Binary), InlineData("sdca", TaskKind.Multiclass), InlineData("sdca", TaskKind.Regression)]
    public void Fit_SameSetAndSeed_GivesTheSameBytes(string name, TaskKind task)
    {
        var set = Sets.Make(task, 1500, 3);
        Bytes(Fit(Named(name), set, ("iterations", 15))).ShouldBe(Bytes(Fit(Named(name), set, ("iterations", 15))));
    }

    // The number of threads of ML.NET's trees belongs to the process: a FastTree that trained before must not change what a GAM finds.
    [Theory, InlineData(TaskKind.Multiclass), InlineData(TaskKind.Regression)]
    public void Fit_GamAfterFastTreeOnManyThreads_GivesTheSameBytesEachTime(TaskKind task)
    {
        var set = Sets.Make(task, 1500, 3);
        Fit(Named("fasttree"), set, ("iterations", 2));
        Enumerable.Range(0, 8).Select(_ => Bytes(Fit(Named("gam"), set, ("iterations", 5)))).Distinct().Count().ShouldBe(1);
    }

    // Guards the order of the classes, which a comparison of two ML.NET models would not see.
    [Theory, InlineData("fasttree"), InlineData("logistic"), InlineData("fastforest"), InlineData("gam"), InlineData("sdca")]
    public void Fit_Multiclass_MostProbableClassIsMostlyTheTrueOne(string name)
    {
        var set = Sets.Make(TaskKind.Multiclass, 2000, 4);
        var outputs = Fit(Named(name), set, ("iterations", name == "gam" ? 200 : 30)).PredictAll(set.Features);
        Metrics.Compute(TaskKind.Multiclass, [.. set.Labels.Select(l => (double)l)], outputs, 3)["accuracy"].ShouldBeGreaterThan(0.65);
    }

    [Fact]
    public void Supports_LogisticRegressionTask_IsFalse()
    {
        new LogisticTrainer().Supports(TaskKind.Regression).ShouldBeFalse();
    }
}
