using System.Collections.Frozen;
using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Training;

/// <summary>Trainers by name.</summary>
public sealed class TrainerCatalogue(IEnumerable<ITrainer> trainers)
{
    private readonly FrozenDictionary<string, ITrainer> byName = trainers.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);

    public IReadOnlyList<string> Names => [.. byName.Keys.Order(StringComparer.Ordinal)];

    /// <exception cref="RequestException">No such trainer in this process, or it does not do the task.</exception>
    public ITrainer Get(string name, TaskKind task)
    {
        if (!byName.TryGetValue(name, out var trainer)) throw new RequestException($"trainer '{name}' is not part of this program.{Suggest.Hint(name, byName.Keys)}");
        return trainer.Supports(task) ? trainer : throw new RequestException($"trainer '{name}' does not do {task.ToString().ToLowerInvariant()}");
    }

    /// <summary>Every hyperparameter of the trainer: as the model file states it, else its default.</summary>
    public static IReadOnlyDictionary<string, double> Hyperparameters(ITrainer trainer, TrainerDefinition stated) => trainer.Hyperparameters.ToDictionary(
        h => h.Name,
        h => stated.Parameters.TryGetValue(h.Name, out var value) ? double.Parse(value.Text, System.Globalization.CultureInfo.InvariantCulture) : h.Default);
}
