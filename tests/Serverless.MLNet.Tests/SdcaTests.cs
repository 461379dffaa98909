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
        set = set with { Labels = [.. set.Labels.Select(l => l * 1e38f)] };
        foreach (var trainer in new Training.ITrainer[] { new SdcaTrainer() })
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
    public void Fit_Regression_EqualsMLNetOnCentredLabels()
    {
        var (set, context) = (Sets.Make(TaskKind.Regression, 2000, 1), new MLContext(42));
        var centre = set.Labels.Average(l => (double)l);
        // The rows first: ML.NET draws from the one source of chance of a context as things are made.
        var rows = context.Data.Cache(MLData.View(context, set with { Labels = [.. set.Labels.Select(l => (float)(l - centre))] }));
        var options = new SdcaRegressionTrainer.Options { BiasLearningRate = 0, L1Regularization = 0, L2Regularization = 1e-4f, ConvergenceTolerance = 1e-3f, MaximumNumberOfIterations = 100, NumberOfThreads = 1 };
        Compare(Fit(new SdcaTrainer(), set), context.Regression.Trainers.Sdca(options).Fit(rows), context, set, "Score", v => v + centre);
    }

    // With ML.NET's own treatment of the bias: weights of 1e15 at 50 rows, no finite number at 300 and more; two columns and noise gave -142 in place of 2.
    [Theory, InlineData(50, 1), InlineData(2400, 1), InlineData(300, 2), InlineData(2400, 2)]
    public void Fit_FewColumns_FindsTheLine(int rows, int columns)
    {
        var random = new Random(5);
        var (values, labels) = (new float[rows * columns], new float[rows]);
        for (var r = 0; r < rows; r++)
        {
            values[r * columns] = (r % 24 - 11.5f) / 6.922f;
            if (columns > 1) values[r * columns + 1] = (float)(random.NextDouble() * 3.46 - 1.73);
            labels[r] = 1000 + 2 * values[r * columns] + (float)(random.NextDouble() - 0.5);
        }

        var set = new Training.TrainingSet
        {
            Task = TaskKind.Regression, Classes = 0, Labels = labels, Features = new Training.FeatureMatrix(values, rows, [.. Enumerable.Range(0, columns).Select(i => new Training.FeatureSlot($"x{i}", 0, false))]),
        };
        var line = (Scoring.Predictors.LinearPredictor)Fit(new SdcaTrainer(), set);
        line.Weights[0][0].ShouldBe(2, 0.2);
        line.Biases[0].ShouldBe(1000, 0.2);
    }
}
