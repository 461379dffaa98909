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
        var model = context.BinaryClassification.Trainers.Gam(new GamBinaryTrainer.Options { NumberOfIterations = Iterations, Seed = 42, LearningRate = GamTrainer.Rate(0.04, set), FeatureFlocks = false }).Fit(MLData.View(context, set));
        Compare(Fit(new GamTrainer(), set, ("iterations", Iterations)), model, context, set, "Probability");
    }

    // Of numbers only: with categories ML.NET's own intercept is far off, and its float score loses the rest.
    [Fact]
    public void Fit_Regression_EqualsMLNetButForTheIntercept()
    {
        var (set, context) = (Numbers(Constant(Sets.Make(TaskKind.Regression, 1500, 1))), new MLContext(42));
        var model = context.Regression.Trainers.Gam(new GamRegressionTrainer.Options { NumberOfIterations = Iterations, Seed = 42, LearningRate = GamTrainer.Rate(0.04, set), FeatureFlocks = false }).Fit(MLData.View(context, set));
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
        var one = context.BinaryClassification.Trainers.Gam(new GamBinaryTrainer.Options { NumberOfIterations = Iterations, Seed = 42, LearningRate = GamTrainer.Rate(0.04, set), FeatureFlocks = false });
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

    // Hundreds of categories, most of them with a few dozen rows: what the data were made of is found again, by every task, as 0/1 columns too. The noise has a standard deviation of 1.
    [Theory, InlineData(false, 300), InlineData(true, 100)]
    public void Fit_RegressionWithHundredsOfCategories_FindsWhatEachAdds(bool oneHot, int cardinality)
    {
        var (set, worth) = Many(TaskKind.Regression, 20 * cardinality, cardinality, oneHot);
        var gam = (AdditivePredictor)Fit(new GamTrainer(), set, ("iterations", oneHot ? 5 * cardinality : 300), ("min-data-in-leaf", 5));
        var answers = gam.PredictAll(set.Features);
        answers.Average().ShouldBe(set.Labels.Average(l => (double)l), 1e-6);
        var error = Math.Sqrt(answers.Select((a, r) => Math.Pow(a - worth[(int)set.Features.Row(r)[0]] - 2 * set.Features.Row(r)[1], 2)).Average());
        error.ShouldBeLessThan(0.45); // by the mean alone 2.2; from 20 rows of a category its mean is known to 0.22
    }

    [Theory, InlineData(TaskKind.Binary), InlineData(TaskKind.Multiclass)]
    public void Fit_ClassesWithHundredsOfCategories_AreCalibratedAndRankAsWellAsLogisticDoes(TaskKind task)
    {
        var (set, _) = Many(task, 4000, 200, oneHot: false);
        var (unseen, _) = Many(task, 4000, 200, oneHot: false, rows: 2);
        double[] labels = [.. unseen.Labels.Select(l => (double)l)];
        double Loss(string name, params (string, double)[] settings) => Metrics.Compute(task, labels, Fit(Named(name), set, settings).PredictAll(unseen.Features), set.Classes)["log-loss"];
        Loss("gam").ShouldBeLessThan(Loss("logistic") * 1.05);
    }

    // A category that is missing in some rows: these have an effect of their own, and one that was never seen is answered like them.
    [Fact]
    public void Fit_MissingCategories_HaveTheirOwnEffect()
    {
        var (set, _) = Many(TaskKind.Regression, 2000, 50, oneHot: false);
        var (values, labels) = ((float[])set.Features.Values.Clone(), (float[])set.Labels.Clone());
        for (var r = 0; r < set.Features.Rows; r += 4) (values[2 * r], labels[r]) = (float.NaN, 9 + 2 * values[2 * r + 1]);
        var gam = (AdditivePredictor)Fit(new GamTrainer(), set with { Features = set.Features with { Values = values }, Labels = labels });
        var answer = new double[1];
        gam.Predict([float.NaN, 0.5f], answer);
        answer[0].ShouldBe(10, 0.3);
    }

    private static (TrainingSet Set, double[] Worth) Many(TaskKind task, int count, int cardinality, bool oneHot, int rows = 1)
    {
        var (random, draws) = (new Random(5), new Random(rows));
        double[] worth = [.. Enumerable.Range(0, cardinality).Select(_ => 20 + 4 * random.NextDouble() - 2 + (random.Next(2) == 0 ? 2 : -2))];
        var (values, labels) = (new float[2 * count], new float[count]);
        for (var r = 0; r < count; r++)
        {
            (values[2 * r], values[2 * r + 1]) = (draws.Next(cardinality), (float)draws.NextDouble());
            var noise = Math.Sqrt(-2 * Math.Log(1 - draws.NextDouble())) * Math.Cos(2 * Math.PI * draws.NextDouble());
            var signal = worth[(int)values[2 * r]] + 2 * values[2 * r + 1] + noise;
            labels[r] = task switch { TaskKind.Binary => signal > 21 ? 1 : 0, TaskKind.Multiclass => signal > 22.5 ? 2 : signal > 20 ? 1 : 0, _ => (float)signal };
        }

        var set = new TrainingSet { Task = task, Features = new FeatureMatrix(values, count, [new FeatureSlot("place", cardinality, oneHot), new FeatureSlot("size", 0, false)]), Labels = labels, Classes = task switch { TaskKind.Binary => 2, TaskKind.Multiclass => 3, _ => 0 } };
        return (set, worth);
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
