using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Scoring.Predictors;
using static Serverless.MLNet.Tests.Comparison;

namespace Serverless.MLNet.Tests;

public sealed class EarlyStoppingTests
{
    [Theory, InlineData(TaskKind.Binary), InlineData(TaskKind.Multiclass), InlineData(TaskKind.Regression)]
    public void FindBest_TreesThatOverfit_KeepsTheIterationThatPredictsLaterRowsBest(TaskKind task)
    {
        var (trainer, set, later) = (new FastTreeTrainer(), Sets.Make(task, 600, 1), Sets.Make(task, 600, 2));
        var settings = Settings(trainer, ("iterations", 60), ("learning-rate", 0.4));
        var found = trainer.FindBest(set, later, 10, settings, 42, null, CancellationToken.None);

        found.Best.ShouldBeInRange(1, 59);
        found.Tried.ShouldBe(Math.Min(60, found.Best + 10));
        // Fewer iterations from the start are the same model: nothing of the later trees is left in it.
        var short_ = trainer.Fit(set, Settings(trainer, ("iterations", found.Best), ("learning-rate", 0.4)), 42, null, CancellationToken.None);
        Restored(found.Predictor).PredictAll(later.Features).ShouldBe(short_.PredictAll(later.Features));
        var losses = TreeLosses.Of((TreeEnsemble)trainer.Fit(set, settings, 42, null, CancellationToken.None), later);
        losses.Take(found.Tried).Min().ShouldBe(found.Loss);
        var measure = Metrics.Compute(task, [.. later.Labels.Select(l => (double)l)], found.Predictor.PredictAll(later.Features), later.Classes);
        found.Loss.ShouldBe(task == TaskKind.Regression ? measure["rmse"] * measure["rmse"] : measure["log-loss"], 1e-9);
    }
}
