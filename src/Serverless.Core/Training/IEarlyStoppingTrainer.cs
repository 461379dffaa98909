using Serverless.Scoring;

namespace Serverless.Training;

/// <summary>A trainer that learns iteration by iteration and can stop when rows that it does not learn from are no longer predicted better.</summary>
public interface IEarlyStoppingTrainer : ITrainer
{
    /// <summary>Learns from <paramref name="set"/> until <paramref name="later"/> has not been predicted better for <paramref name="rounds"/> iterations.</summary>
    /// <param name="later">Rows after those of <paramref name="set"/>: never learned from.</param>
    /// <param name="rounds">At least 1.</param>
    StoppingPoint FindBest(TrainingSet set, TrainingSet later, int rounds, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel);
}

/// <summary>Where an early stopping stood.</summary>
/// <param name="Predictor">What was learned up to the best iteration.</param>
/// <param name="Best">The iteration (from 1) after which the later rows were predicted best.</param>
/// <param name="Tried">Iterations that were looked at.</param>
/// <param name="Loss">The later rows' loss after the best one: what the trainer minimises, a mean over the rows with their weights.</param>
public sealed record StoppingPoint(IPredictor Predictor, int Best, int Tried, double Loss);
