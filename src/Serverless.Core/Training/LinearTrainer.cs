using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;

namespace Serverless.Training;

/// <summary>
/// Linear regression: least squares with an L2 penalty on the weights (ridge; Hoerl and Kennard, 1970), exact to the tolerance. ML.NET's dual coordinate ascent leaves the bias out of its step's length and
/// diverges on few columns, and its least squares need a library of Intel's.
/// </summary>
internal sealed class LinearTrainer : ITrainer
{
    public string Name => KnownTrainers.Linear.Name;

    public TrainerTraits Traits => KnownTrainers.Linear.Traits;

    public IReadOnlyList<Hyperparameter> Hyperparameters => KnownTrainers.Linear.Hyperparameters;

    public bool Supports(TaskKind task) => KnownTrainers.Linear.Tasks.Contains(task);

    public IPredictor Fit(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel)
    {
        var ridge = new RidgeRegression(set, hyperparameters["l2"]);
        var weights = ridge.Solve((int)hyperparameters["iterations"], hyperparameters["tolerance"], progress, cancel);
        return new LinearPredictor([.. set.Features.Slots.Select(s => s.Cardinality)], [weights], [ridge.Intercept(weights)], Link.Identity);
    }
}
