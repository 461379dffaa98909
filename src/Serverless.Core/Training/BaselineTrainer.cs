using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;

namespace Serverless.Training;

/// <summary>The answer that needs no features: the share of true, the shares of the classes, the mean. What any model has to beat.</summary>
internal sealed class BaselineTrainer : ITrainer
{
    public string Name => KnownTrainers.Baseline.Name;

    public TrainerTraits Traits => KnownTrainers.Baseline.Traits;

    public IReadOnlyList<Hyperparameter> Hyperparameters => KnownTrainers.Baseline.Hyperparameters;

    public bool Supports(TaskKind task) => true;

    public IPredictor Fit(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel) =>
        Fit(set.Task, set.Labels, set.Classes);

    public static ConstantPredictor Fit(TaskKind task, float[] labels, int classes)
    {
        if (task != TaskKind.Multiclass) return new ConstantPredictor([labels.Average(l => (double)l)]);
        var counts = new double[classes];
        foreach (var label in labels) counts[(int)label]++;
        return new ConstantPredictor([.. counts.Select(c => c / labels.Length)]);
    }
}
