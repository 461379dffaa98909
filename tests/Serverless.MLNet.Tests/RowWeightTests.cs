using Serverless.Models;
using Serverless.Scoring.Predictors;
using Serverless.Training;
using static Serverless.MLNet.Tests.Comparison;

namespace Serverless.MLNet.Tests;

/// <summary>A row of weight 3 counts like three rows, wherever the trainer says that it can weigh rows.</summary>
public sealed class RowWeightTests
{
    public static TheoryData<string, TaskKind> Weighted()
    {
        var data = new TheoryData<string, TaskKind>();
        foreach (var trainer in KnownTrainers.All.Where(t => t.Traits.RowWeights && t.Name != "lightgbm"))
        {
            foreach (var task in trainer.Tasks.Where(t => t != TaskKind.Regression)) data.Add(trainer.Name, task);
        }

        return data;
    }

    [Theory, MemberData(nameof(Weighted))]
    public void Fit_FirstClassCountsTenfold_IsPredictedMoreOften(string name, TaskKind task)
    {
        var set = Sets.Make(task, 1500, 3);
        var weighted = set with { Weights = [.. set.Labels.Select(l => l == 0 ? 10f : 1f)] };
        MeanOfFirst(weighted).ShouldBeGreaterThan(MeanOfFirst(set) + 0.08);

        double MeanOfFirst(TrainingSet s)
        {
            var (answers, outputs) = (Fit(Named(name), s, ("iterations", name == "sdca" ? 100 : 20)).PredictAll(s.Features), task == TaskKind.Binary ? 1 : 3);
            return Enumerable.Range(0, s.Features.Rows).Average(r => task == TaskKind.Binary ? 1 - answers[r] : answers[r * outputs]);
        }
    }

    [Fact]
    public void Fit_WeightThree_IsThreeRows()
    {
        var set = Sets.Make(TaskKind.Binary, 800, 3);
        var rows = Enumerable.Range(0, 800).SelectMany(r => Enumerable.Repeat(r, set.Labels[r] > 0 ? 3 : 1)).ToArray();
        var weighted = set with { Weights = [.. set.Labels.Select(l => l > 0 ? 3f : 1f)] };
        double[] Answers(TrainingSet s) => Fit(Named("logistic"), s).PredictAll(set.Features);
        double Apart(double[] a, double[] b) => a.Zip(b).Average(p => Math.Abs(p.First - p.Second));
        var (one, once, thrice) = (Answers(weighted), Answers(set), Answers(set.Take(rows)));
        // The same but for L2, which ML.NET divides by the number of rows.
        Apart(one, thrice).ShouldBeLessThan(Apart(once, thrice) / 5);
        one.Average().ShouldBe(thrice.Average(), 0.005);
    }
}
