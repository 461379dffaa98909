using Microsoft.ML;
using Microsoft.ML.Trainers;
using Serverless.Models;
using static Serverless.MLNet.Tests.Comparison;

namespace Serverless.MLNet.Tests;

public sealed class SdcaTests
{
    [Fact]
    public void Fit_Binary_EqualsMLNet()
    {
        var (set, context) = (Sets.Make(TaskKind.Binary, 2000, 1), new MLContext(42));
        // The rows first: ML.NET draws from the one source of chance of a context as things are made.
        var rows = context.Data.Cache(MLData.View(context, set));
        var options = new SdcaLogisticRegressionBinaryTrainer.Options { L1Regularization = 0, L2Regularization = 1e-4f, ConvergenceTolerance = 1e-3f, MaximumNumberOfIterations = 100, NumberOfThreads = 1 };
        Compare(Fit(new SdcaTrainer(), set), context.BinaryClassification.Trainers.SdcaLogisticRegression(options).Fit(rows), context, set, "Probability");
    }

    // ML.NET finds out by itself that its weights overflowed, in words of its own.
    [Fact]
    public void Fit_LabelsThatOverflow_SaysThatItDivergedAndWhatToDo()
    {
        var set = Sets.Make(TaskKind.Regression, 500, 1);
        set = set with { Labels = [.. set.Labels.Select(l => l * 1e36f)] };
        foreach (var trainer in new Training.ITrainer[] { new SdcaTrainer(), new LinearTrainer() })
        {
            Should.Throw<Problems.DataException>(() => Fit(trainer, set)).Message.ShouldSatisfyAllConditions(
                m => m.ShouldStartWith($"trainer '{trainer.Name}' diverged: it learned numbers that are not finite. Nothing was stored. Try "), m => m.ShouldContain("features and labels without extreme values"));
        }
    }

    [Fact]
    public void Fit_Multiclass_EqualsMLNet()
    {
        var (set, context) = (Sets.Make(TaskKind.Multiclass, 2000, 1), new MLContext(42));
        // The rows first: ML.NET draws from the one source of chance of a context as things are made.
        var rows = context.Data.Cache(MLData.View(context, set));
        var options = new SdcaMaximumEntropyMulticlassTrainer.Options { L1Regularization = 0, L2Regularization = 1e-4f, ConvergenceTolerance = 1e-3f, MaximumNumberOfIterations = 100, NumberOfThreads = 1 };
        Compare(Fit(new SdcaTrainer(), set), context.MulticlassClassification.Trainers.SdcaMaximumEntropy(options).Fit(rows), context, set, "Score");
    }

    [Fact]
    public void Fit_Regression_EqualsMLNet()
    {
        var (set, context) = (Sets.Make(TaskKind.Regression, 2000, 1), new MLContext(42));
        // The rows first: ML.NET draws from the one source of chance of a context as things are made.
        var rows = context.Data.Cache(MLData.View(context, set));
        var options = new SdcaRegressionTrainer.Options { L1Regularization = 0, L2Regularization = 1e-4f, ConvergenceTolerance = 1e-3f, MaximumNumberOfIterations = 100, NumberOfThreads = 1 };
        Compare(Fit(new SdcaTrainer(), set), context.Regression.Trainers.Sdca(options).Fit(rows), context, set, "Score");
    }
}
