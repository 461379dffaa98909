using Serverless.Models;
using Serverless.Evaluation;


namespace Serverless.Core.Tests.Evaluation;

/// <summary>Golden values: scikit-learn 1.2.1 (roc_auc_score, average_precision_score, log_loss, brier_score_loss, f1_score, r2_score, ...).</summary>
public sealed class MetricsTests
{
    private static readonly double[] Labels = [0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0];
    private static readonly double[] Probabilities = [.1, .9, .8, .4, .35, .35, .6, .6, .99, .02, .5, .5];

    [Theory]
    [InlineData("auc", 0.8472222222222223), InlineData("pr-auc", 0.8523809523809524), InlineData("log-loss", 0.43907991724317014), InlineData("brier", 0.14879166666666666)]
    [InlineData("accuracy", 0.75), InlineData("precision", 0.8), InlineData("recall", 0.6666666666666666), InlineData("f1", 0.7272727272727272)]
    public void Binary_WithTies_EqualsScikitLearn(string metric, double expected) =>
        Metrics.Compute(TaskKind.Binary, Labels, Probabilities, 2)[metric].ShouldBe(expected, 1e-14);

    [Theory, InlineData("log-loss", 0.9856838727618514), InlineData("accuracy", 0.7142857142857143), InlineData("macro-f1", 0.6746031746031745)]
    public void Multiclass_EqualsScikitLearn(string metric, double expected) => Metrics.Compute(TaskKind.Multiclass, [0, 1, 2, 2, 1, 0, 1],
        [.7, .2, .1, .1, .6, .3, .2, .2, .6, .5, .3, .2, .3, .4, .3, .1, .8, .1, .25, .5, .25], 3)[metric].ShouldBe(expected, 1e-14);

    [Theory, InlineData("rmse", 0.5590169943749475), InlineData("mae", 0.45), InlineData("r2", 0.9491042345276873), InlineData("mape", 0.2736694677871149)]
    public void Regression_EqualsScikitLearn(string metric, double expected) =>
        Metrics.Compute(TaskKind.Regression, [3, -0.5, 2, 7, 4.25], [2.5, 0.0, 2, 8, 4.0], 0)[metric].ShouldBe(expected, 1e-14);

    [Fact]
    public void Compute_WhatIsNotDefined_IsLeftOut()
    {
        Metrics.Compute(TaskKind.Binary, [1, 1], [.2, .9], 2).Keys.ShouldBe(["pr-auc", "log-loss", "brier", "accuracy", "precision", "recall", "f1"]);
        Metrics.Compute(TaskKind.Binary, [0, 0], [.2, .9], 2).Keys.ShouldNotContain("auc");
        Metrics.Compute(TaskKind.Regression, [0, 0], [1, 2], 0).Keys.ShouldBe(["rmse", "mae"]);
    }

    [Fact]
    public void Compute_ClassThatTrainingNeverSaw_CountsAsWrong() =>
        Metrics.Compute(TaskKind.Multiclass, [0, -1], [.9, .1, .9, .1], 2)["accuracy"].ShouldBe(0.5);

    // A certain and wrong answer costs much, not everything.
    [Fact]
    public void LogLoss_CertainAndWrong_IsFinite() => Metrics.Compute(TaskKind.Binary, [1, 0], [0, 0], 2)["log-loss"].ShouldBe(-Math.Log(1e-15) / 2, 1e-9);

    [Fact]
    public void Auc_RandomScores_EqualsTheCountOfPairs()
    {
        var random = new Random(1);
        var labels = Enumerable.Range(0, 300).Select(_ => (double)random.Next(2)).ToArray();
        var scores = labels.Select(l => Math.Round(random.NextDouble() + l * 0.2, 2)).ToArray();
        var pairs = from i in Enumerable.Range(0, 300) from j in Enumerable.Range(0, 300) where labels[i] > labels[j] select scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        Metrics.Compute(TaskKind.Binary, labels, scores, 2)["auc"].ShouldBe(pairs.Average(), 1e-12);
    }
}
