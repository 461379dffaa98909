using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.LightGbm.Tests;

public sealed class ObjectiveTests
{
    public static TheoryData<string> Objectives => [.. KnownTrainers.LightGbm.Hyperparameters.Single(h => h.Name == "objective").Choices!];

    [Theory, MemberData(nameof(Objectives))]
    public void Fit_EveryObjective_AnswersAsLightGbmItself(string objective)
    {
        var (set, unseen) = (Positive(Sets.Make(TaskKind.Regression, 3000, 1)), Sets.Make(TaskKind.Regression, 1000, 2).Features);
        var model = Fit(set, objective);
        var (ours, theirs) = (model.PredictAll(unseen), LightGbmTrainerTests.Native(model.Text, unseen, 1));
        ours.Distinct().Count().ShouldBeGreaterThan(10);
        for (var i = 0; i < ours.Length; i++) ours[i].ShouldBe(theirs[i], 1e-12 * Math.Max(1, Math.Abs(theirs[i])));
    }

    // What each minimises: the mean, the median, the nine-tenths quantile.
    [Fact]
    public void Fit_Quantile_NineTenthsOfTheLabelsLieBelow()
    {
        var set = Positive(Sets.Make(TaskKind.Regression, 6000, 1));
        var answers = Fit(set, "quantile").PredictAll(set.Features);
        set.Labels.Zip(answers).Average(p => p.First <= p.Second ? 1.0 : 0).ShouldBe(0.9, 0.02);
        Fit(set, "poisson").PredictAll(set.Features).Average().ShouldBe(set.Labels.Average(), 0.03 * set.Labels.Average());
    }

    [Theory]
    [InlineData("poisson", "'objective: poisson' takes labels at least 0, and 1 of 300 training rows have another")]
    [InlineData("tweedie", "'objective: tweedie' takes labels at least 0, and 1 of 300 training rows have another")]
    [InlineData("gamma", "'objective: gamma' takes labels above 0, and 1 of 300 training rows have another")]
    public void Fit_LabelBelowZero_IsRefused(string objective, string message)
    {
        var set = Positive(Sets.Make(TaskKind.Regression, 300, 1));
        set.Labels[7] = -0.5f;
        Should.Throw<DataException>(() => Fit(set, objective)).Message.ShouldStartWith(message);
    }

    [Fact]
    public void Fit_ClassWeights_ShiftTheMeanToTheRateThatTheWeightsGive()
    {
        var set = Sets.Make(TaskKind.Binary, 6000, 1);
        var weighted = set with { Weights = [.. set.Labels.Select(l => l > 0 ? 4f : 1f)] };
        var share = set.Labels.Average(l => (double)l);
        double Mean(TrainingSet s) => new LightGbmTrainer().Fit(s, Sets.Defaults(("iterations", 30)), 1, null, CancellationToken.None).PredictAll(set.Features).Zip(s.Labels).Average(p => p.First);
        Mean(set).ShouldBe(share, 0.02);
        Mean(weighted).ShouldBeGreaterThan(Mean(set) + 0.1);
    }

    [Theory, InlineData(TaskKind.Binary, false), InlineData(TaskKind.Multiclass, false), InlineData(TaskKind.Regression, false), InlineData(TaskKind.Binary, true)]
    public void FindBest_TreesThatOverfit_KeepsTheIterationThatPredictsLaterRowsBest(TaskKind task, bool oneHot)
    {
        var (trainer, set, later) = (new LightGbmTrainer(), Sets.Make(task, 800, 1, oneHot), Sets.Make(task, 800, 2, oneHot));
        var settings = Sets.Defaults(("iterations", 80), ("learning-rate", 0.4), ("min-data-in-leaf", 3));
        var found = trainer.FindBest(set, later, 10, settings, 42, null, CancellationToken.None);

        found.Best.ShouldBeInRange(1, 79);
        found.Tried.ShouldBe(Math.Min(80, found.Best + 10));
        var brief = trainer.Fit(set, Sets.Defaults(("iterations", found.Best), ("learning-rate", 0.4), ("min-data-in-leaf", 3)), 42, null, CancellationToken.None);
        found.Predictor.PredictAll(later.Features).ShouldBe(brief.PredictAll(later.Features));
        var measure = Metrics.Compute(task, [.. later.Labels.Select(l => (double)l)], found.Predictor.PredictAll(later.Features), later.Classes);
        found.Loss.ShouldBe(task == TaskKind.Regression ? measure["rmse"] * measure["rmse"] : measure["log-loss"], 1e-6);
        var losses = TreeLosses.Of(((LightGbmPredictor)trainer.Fit(set, settings, 42, null, CancellationToken.None)).Trees, later);
        losses.Take(found.Tried).Min().ShouldBe(losses[found.Best - 1], 1e-9);
    }

    private static LightGbmPredictor Fit(TrainingSet set, string objective)
    {
        var words = KnownTrainers.LightGbm.Hyperparameters.Single(h => h.Name == "objective").Choices!;
        return (LightGbmPredictor)new LightGbmTrainer().Fit(set, Sets.Defaults(("iterations", 25), ("objective", words.TakeWhile(w => w != objective).Count())), 42, null, CancellationToken.None);
    }

    private static TrainingSet Positive(TrainingSet set) => set with { Labels = [.. set.Labels.Select(l => Math.Abs(l) + 0.01f)] };
}
