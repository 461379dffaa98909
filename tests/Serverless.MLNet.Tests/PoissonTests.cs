using Microsoft.ML;
using Microsoft.ML.Trainers;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring.Predictors;
using Serverless.Training;
using static Serverless.MLNet.Tests.Comparison;

namespace Serverless.MLNet.Tests;

public sealed class PoissonTests
{
    // Counts drawn with log of the mean = 0.3 + 0.5 a - 0.8 b.
    private static TrainingSet Counts(int rows)
    {
        var random = new Random(11);
        var (values, labels) = (new float[rows * 2], new float[rows]);
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < 2; c++) values[r * 2 + c] = (float)(random.NextDouble() * 2 - 1);
            var (limit, product, count) = (Math.Exp(-Math.Exp(0.3 + 0.5 * values[r * 2] - 0.8 * values[r * 2 + 1])), random.NextDouble(), 0);
            for (; product > limit; count++) product *= random.NextDouble(); // Knuth
            labels[r] = count;
        }

        return new TrainingSet { Task = TaskKind.Regression, Classes = 0, Labels = labels, Features = new FeatureMatrix(values, rows, [new("a", 0, false), new("b", 0, false)]) };
    }

    [Fact]
    public void Fit_Counts_EqualsMLNet()
    {
        var (set, context) = (Counts(2000), new MLContext(42));
        var options = new LbfgsPoissonRegressionTrainer.Options { L1Regularization = 0, L2Regularization = 1, OptimizationTolerance = 1e-7f, MaximumNumberOfIterations = 200, NumberOfThreads = 1 };
        Compare(Fit(new PoissonTrainer(), set), context.Regression.Trainers.LbfgsPoissonRegression(options).Fit(context.Data.Cache(MLData.View(context, set))), context, set, "Score");
    }

    [Fact]
    public void Fit_CountsOfAKnownRate_FindsIt()
    {
        var poisson = (LinearPredictor)Fit(new PoissonTrainer(), Counts(20_000), ("l2", 0));
        poisson.Weights[0][0].ShouldBe(0.5, 0.05);
        poisson.Weights[0][1].ShouldBe(-0.8, 0.05);
        poisson.Biases[0].ShouldBe(0.3, 0.05);
    }

    [Fact]
    public void Fit_LabelsBelowZero_SaysHowMany()
    {
        var set = Counts(10);
        set.Labels[3] = -1;
        Should.Throw<DataException>(() => Fit(new PoissonTrainer(), set)).Message.ShouldStartWith("trainer 'poisson' takes counts, and the label is below 0 in 1 of 10 training rows");
    }
}
