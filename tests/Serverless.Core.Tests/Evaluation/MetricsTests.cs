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
    [InlineData("balanced-accuracy", 0.75), InlineData("specificity", 0.8333333333333334), InlineData("f0.5", 0.7692307692307692), InlineData("f2", 0.689655172413793)]
    [InlineData("mcc", 0.50709255283711), InlineData("kappa", 0.5), InlineData("ks", 0.5), InlineData("lift-10", 2), InlineData("gain-10", 0.3333333333333333), InlineData("ece", 0.060833333333333336)]
    public void Binary_WithTies_EqualsScikitLearn(string metric, double expected) =>
        Metrics.Compute(TaskKind.Binary, Labels, Probabilities, 2)[metric].ShouldBe(expected, 1e-14);

    [Theory]
    [InlineData("log-loss", 0.9856838727618514), InlineData("accuracy", 0.7142857142857143), InlineData("macro-f1", 0.6746031746031745)]
    [InlineData("macro-precision", 0.75), InlineData("macro-recall", 0.6666666666666666), InlineData("micro-precision", 0.7142857142857143), InlineData("micro-recall", 0.7142857142857143), InlineData("micro-f1", 0.7142857142857143)]
    [InlineData("weighted-precision", 0.75), InlineData("weighted-recall", 0.7142857142857143), InlineData("weighted-f1", 0.7006802721088434), InlineData("auc-ovr", 0.6666666666666666), InlineData("top-2-accuracy", 0.7142857142857143)]
    [InlineData("mcc", 0.5679301390639018), InlineData("kappa", 0.5483870967741935), InlineData("balanced-accuracy", 0.6666666666666666), InlineData("brier", 0.5707142857142857)]
    public void Multiclass_EqualsScikitLearn(string metric, double expected) => Metrics.Compute(TaskKind.Multiclass, [0, 1, 2, 2, 1, 0, 1],
        [.7, .2, .1, .1, .6, .3, .2, .2, .6, .5, .3, .2, .3, .4, .3, .1, .8, .1, .25, .5, .25], 3)[metric].ShouldBe(expected, 1e-14);

    [Theory]
    [InlineData("rmse", 0.5590169943749475), InlineData("mae", 0.45), InlineData("r2", 0.9491042345276873), InlineData("mape", 0.2736694677871149)]
    [InlineData("mse", 0.3125), InlineData("median-ae", 0.5), InlineData("max-error", 1), InlineData("explained-variance", 0.9527687296416938), InlineData("smape", 0.4751515151515151)]
    public void Regression_EqualsScikitLearn(string metric, double expected) =>
        Metrics.Compute(TaskKind.Regression, [3, -0.5, 2, 7, 4.25], [2.5, 0.0, 2, 8, 4.0], 0)[metric].ShouldBe(expected, 1e-14);

    [Theory, InlineData("rmsle", 0.17324023804562771), InlineData("poisson-deviance", 0.2582061736490346), InlineData("median-ae", 0.325)]
    public void Regression_NothingNegative_EqualsScikitLearn(string metric, double expected) =>
        Metrics.Compute(TaskKind.Regression, [3, 0.5, 2, 7, 4.25, 0], [2.5, 0.1, 2, 8, 4.0, 0.25], 0)[metric].ShouldBe(expected, 1e-14);

    // scikit-learn with labels=[0, 1, 2] for the means over classes, and the unseen class as one more for mcc and kappa.
    [Theory]
    [InlineData("macro-precision", 0.3333333333333333), InlineData("macro-recall", 0.5), InlineData("macro-f1", 0.38888888888888884), InlineData("micro-precision", 0.42857142857142855)]
    [InlineData("micro-recall", 0.6), InlineData("micro-f1", 0.5), InlineData("weighted-precision", 0.4), InlineData("weighted-recall", 0.6), InlineData("weighted-f1", 0.4666666666666666)]
    [InlineData("mcc", 0.2519763153394848), InlineData("kappa", 0.2222222222222221), InlineData("accuracy", 0.42857142857142855)]
    public void Multiclass_ClassesThatTrainingNeverSaw_EqualScikitLearn(string metric, double expected) => Metrics.Compute(TaskKind.Multiclass, [0, 1, -1, 2, 1, 0, -1],
        [.7, .2, .1, .1, .6, .3, .2, .2, .6, .5, .3, .2, .3, .4, .3, .1, .8, .1, .25, .5, .25], 3)[metric].ShouldBe(expected, 1e-14);

    // scikit-learn: balanced_accuracy 2/3, matthews_corrcoef 0, cohen_kappa 0, f1 .8, recall of the other class 0.
    [Fact]
    public void Binary_OneClass_EqualsScikitLearnWhereItIsDefined()
    {
        var metrics = Metrics.Compute(TaskKind.Binary, [1, 1, 1], [.2, .9, .7], 2);
        metrics["balanced-accuracy"].ShouldBe(2 / 3.0, 1e-14);
        metrics["mcc"].ShouldBe(0);
        metrics["kappa"].ShouldBe(0);
        metrics["f1"].ShouldBe(0.8, 1e-14);
        metrics["specificity"].ShouldBe(0);
        metrics.Keys.ShouldNotContain("auc");
        metrics.Keys.ShouldNotContain("ks");
    }

    [Theory, InlineData(TaskKind.Binary), InlineData(TaskKind.Multiclass), InlineData(TaskKind.Regression)]
    public void Compute_NoRows_IsEmpty(TaskKind task) => Metrics.Compute(task, [], [], 3).ShouldBeEmpty();

    // A NaN among the scores would be a group of ties that never ends.
    [Theory, InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void Compute_AnswerThatIsNoNumber_GivesNoMetrics(double answer) => Metrics.Compute(TaskKind.Binary, [0, 1, 1], [.2, answer, .7], 2).ShouldBeEmpty();

    [Fact]
    public void Compute_EveryTask_GivesAllOfTheCatalogueAndNothingElse()
    {
        var random = new Random(3);
        double[] truth = [.. Enumerable.Range(0, 200).Select(i => (double)(i % 6))], binary = [.. truth.Select(t => t % 2)];
        double[] shares = [.. truth.SelectMany(_ => Enumerable.Range(0, 6).Select(_ => random.NextDouble()).ToArray() is var p ? p.Select(v => v / p.Sum()) : [])];
        Metrics.Compute(TaskKind.Binary, binary, [.. truth.Select(_ => random.NextDouble())], 2).Keys.ShouldBe(MetricCatalogue.Of(TaskKind.Binary).Select(m => m.Name));
        Metrics.Compute(TaskKind.Multiclass, truth, shares, 6).Keys.ShouldBe(MetricCatalogue.Of(TaskKind.Multiclass).Select(m => m.Name));
        Metrics.Compute(TaskKind.Regression, [.. truth.Select(t => t + 1)], [.. truth.Select(_ => random.NextDouble() + 0.1)], 0).Keys.ShouldBe(MetricCatalogue.Of(TaskKind.Regression).Select(m => m.Name));
    }

    [Fact]
    public void Compute_WhatIsNotDefined_IsLeftOut()
    {
        Metrics.Compute(TaskKind.Binary, [1, 1], [.2, .9], 2).Keys.ShouldBe(["pr-auc", "log-loss", "brier", "accuracy", "precision", "recall", "f1", "balanced-accuracy", "specificity", "f0.5", "f2", "mcc", "kappa", "ece", "lift-10", "gain-10"]);
        Metrics.Compute(TaskKind.Binary, [0, 0], [.2, .9], 2).Keys.ShouldNotContain("auc");
        Metrics.Compute(TaskKind.Regression, [0, 0], [1, 2], 0).Keys.ShouldBe(["rmse", "mae", "mse", "median-ae", "smape", "rmsle", "max-error", "poisson-deviance"]);
    }

    [Fact]
    public void Compute_ClassThatTrainingNeverSaw_CountsAsWrong() =>
        Metrics.Compute(TaskKind.Multiclass, [0, -1], [.9, .1, .9, .1], 2)["accuracy"].ShouldBe(0.5);

    // A certain and wrong answer costs much, not everything.
    [Fact]
    public void LogLoss_CertainAndWrong_IsFinite() => Metrics.Compute(TaskKind.Binary, [1, 0], [0, 0], 2)["log-loss"].ShouldBe(-Math.Log(2.220446049250313e-16) / 2, 1e-9);

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
