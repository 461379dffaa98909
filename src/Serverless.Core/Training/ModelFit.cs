using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;

namespace Serverless.Training;

/// <summary>The fit of a training run: row weights, early stopping on the last rows by time, and a look at whether it came to anything.</summary>
internal static class ModelFit
{
    /// <param name="ticks">Time of every row of the window.</param>
    public static Fitted Run(
        ITrainer trainer, ModelDefinition model, TrainingSet set, LabelledRows labels, long[] ticks, IReadOnlyDictionary<string, double> hyperparameters, IProgress<double>? progress, CancellationToken cancel)
    {
        if (model.Trainer.ClassWeights is { } weights) set = set with { Weights = ClassWeights.Of(weights, model.Name, set.Labels, labels.Classes) };
        var (predictor, stopping) = model.Trainer.EarlyStopping is { } early
            ? Early(trainer, model, early, set, Array.ConvertAll(labels.Train, r => ticks[r]), hyperparameters, progress, cancel)
            : (trainer.Fit(set, hyperparameters, model.Trainer.Seed, progress, cancel), null);
        Divergence.Require(trainer, predictor, set);
        return new Fitted(predictor, stopping);
    }

    private static (IPredictor, StoppedEarly?) Early(
        ITrainer trainer, ModelDefinition model, EarlyStoppingDefinition early, TrainingSet set, long[] ticks, IReadOnlyDictionary<string, double> hyperparameters, IProgress<double>? progress, CancellationToken cancel)
    {
        if (trainer is not IEarlyStoppingTrainer stoppable) throw new DataException($"trainer '{trainer.Name}' cannot stop early; take 'earlyStopping' out of {model.File}");
        var (learned, later) = TimeSplit.Last(ticks, early.Share) ?? throw new DataException(
            $"model '{model.Name}': 'earlyStopping' needs training rows of two moments at least, and all {ticks.Length} are of one; take it out, or lengthen 'window'");
        var found = stoppable.FindBest(set.Take(learned), set.Take(later), early.Rounds, hyperparameters, model.Trainer.Seed, progress, cancel);
        var stopping = new StoppedEarly(found.Best, found.Tried, found.Loss, learned.Length, later.Length, early.Refit);
        if (!early.Refit) return (found.Predictor, stopping);
        // The newest rows are the most like those that will come: they are learned from too, now that the number of iterations is known.
        var best = new Dictionary<string, double>(hyperparameters, StringComparer.Ordinal) { ["iterations"] = found.Best };
        return (trainer.Fit(set, best, model.Trainer.Seed, progress, cancel), stopping);
    }
}

internal sealed record Fitted(IPredictor Predictor, StoppedEarly? Stopping);

/// <summary>Where early stopping stopped.</summary>
/// <param name="Best">Iterations of the model.</param>
/// <param name="Tried">Iterations that were looked at.</param>
/// <param name="Loss">Loss of the rows set aside after the best one, as the trainer measures it.</param>
/// <param name="LearnedRows">Rows that the search for it learned from.</param>
/// <param name="SetAsideRows">Later rows that it was judged by.</param>
/// <param name="Refit">The model learned from both, with the best number of iterations.</param>
public sealed record StoppedEarly(int Best, int Tried, double Loss, long LearnedRows, long SetAsideRows, bool Refit);
