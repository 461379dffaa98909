using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Scoring.Predictors;
using Serverless.Training;
using static Serverless.MLNet.Tests.Comparison;

namespace Serverless.MLNet.Tests;

public sealed class GamTests
{
    private const int Iterations = 100;

    [Fact]
    public void Fit_Binary_EqualsMLNet()
    {
        var (set, context) = (Constant(Sets.Make(TaskKind.Binary, 1500, 1)), new MLContext(42));
        var model = context.BinaryClassification.Trainers.Gam(new GamBinaryTrainer.Options { NumberOfIterations = Iterations, Seed = 42, LearningRate = 0.04, FeatureFlocks = false }).Fit(MLData.View(context, set));
        Compare(Fit(new GamTrainer(), set, ("iterations", Iterations)), model, context, set, "Probability");
    }

    // Of numbers only: with categories ML.NET's own intercept is far off, and its float score loses the rest.
    [Fact]
    public void Fit_Regression_EqualsMLNetButForTheIntercept()
    {
        var (set, context) = (Numbers(Constant(Sets.Make(TaskKind.Regression, 1500, 1))), new MLContext(42));
        var model = context.Regression.Trainers.Gam(new GamRegressionTrainer.Options { NumberOfIterations = Iterations, Seed = 42, LearningRate = 0.04, FeatureFlocks = false }).Fit(MLData.View(context, set));
        var shift = set.Labels.Average(l => (double)l) - model.Transform(MLData.View(context, set)).GetColumn<float>("Score").Average(v => (double)v);
        Compare(Fit(new GamTrainer(), set, ("iterations", Iterations)), model, context, set, "Score", s => s + shift);
    }

    [Fact]
    public void Fit_RegressionWithCategories_PredictsAsWellAsTrees()
    {
        var (set, unseen) = (Sets.Make(TaskKind.Regression, 1500, 3), Sets.Make(TaskKind.Regression, 1500, 4));
        double Rmse(string name, params (string, double)[] settings) =>
            Metrics.Compute(TaskKind.Regression, [.. unseen.Labels.Select(l => (double)l)], Fit(Named(name), set, settings).PredictAll(unseen.Features), 0)["rmse"];
        Rmse("gam").ShouldBeLessThan(Rmse("fasttree", ("iterations", 50)) * 1.02);
    }

    [Fact]
    public void Fit_Multiclass_EqualsMLNetsOneAgainstAll()
    {
        var (set, context) = (Sets.Make(TaskKind.Multiclass, 1000, 1), new MLContext(42));
        var one = context.BinaryClassification.Trainers.Gam(new GamBinaryTrainer.Options { NumberOfIterations = Iterations, Seed = 42, LearningRate = 0.04, FeatureFlocks = false });
        Compare(Fit(new GamTrainer(), set, ("iterations", Iterations)), context.MulticlassClassification.Trainers.OneVersusAll(one).Fit(MLData.View(context, set)), context, set, "Score");
    }

    // The sum of the shapes is the score: nothing is left for interactions.
    [Fact]
    public void Fit_Regression_ScoreIsTheSumOfItsShapes()
    {
        var set = Sets.Make(TaskKind.Regression, 1500, 2);
        var gam = (AdditivePredictor)Fit(new GamTrainer(), set, ("iterations", Iterations));
        Span<double> score = stackalloc double[1];
        for (var r = 0; r < 100; r++)
        {
            gam.Raw(set.Features.Row(r), score);
            var sum = gam.Biases[0];
            foreach (var shape in gam.Shapes) sum += shape.Effect(set.Features.Row(r)[shape.Slot]);
            score[0].ShouldBe(sum, 1e-12);
        }
    }

    private static TrainingSet Numbers(TrainingSet set)
    {
        var kept = Enumerable.Range(0, set.Features.Slots.Count).Where(i => !set.Features.Slots[i].IsCategory).ToArray();
        float[] values = [.. Enumerable.Range(0, set.Features.Rows).SelectMany(r => kept.Select(i => set.Features.Values[r * set.Features.Slots.Count + i]))];
        return set with { Features = new FeatureMatrix(values, set.Features.Rows, [.. kept.Select(i => set.Features.Slots[i])]) };
    }

    // A slot that never varies has no function in ML.NET, and those behind it move up.
    private static TrainingSet Constant(TrainingSet set)
    {
        var (width, values) = (set.Features.Slots.Count, new List<float>());
        for (var r = 0; r < set.Features.Rows; r++)
        {
            values.Add(7);
            values.AddRange(set.Features.Row(r));
        }

        return set with { Features = new FeatureMatrix([.. values], set.Features.Rows, [new FeatureSlot("constant", 0, false), .. set.Features.Slots]) };
    }
}
