using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>What ML.NET's trainers have in common. Nothing of ML.NET is loaded before the first fit.</summary>
internal abstract class MLNetTrainer(TrainerDescription description) : ITrainer
{
    public string Name => description.Name;

    public TrainerTraits Traits => description.Traits;

    public IReadOnlyList<Hyperparameter> Hyperparameters => description.Hyperparameters;

    public string Library => "Microsoft.ML 5.0.1";

    public bool Supports(TaskKind task) => description.Tasks.Contains(task);

    public IPredictor Fit(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            return Train(set, hyperparameters, seed, cancel);
        }
        catch (Exception e) when (cancel.IsCancellationRequested)
        {
            // ML.NET has no token of its own: the rows stop coming, and it wraps what they throw.
            throw new OperationCanceledException("training was cancelled", e, cancel);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException && e.Message.Contains("non-finite", StringComparison.OrdinalIgnoreCase))
        {
            throw Divergence.Diverged(this, "it learned numbers that are not finite");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new DataException($"ML.NET's trainer '{Name}' cannot train on these data: {e.Message}", e);
        }
    }

    // No type of ML.NET in a virtual signature: the runtime would load its assembly with this class.
    protected abstract IPredictor Train(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, CancellationToken cancel);
}
