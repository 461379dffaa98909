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
        h => !stated.Parameters.TryGetValue(h.Name, out var value) ? h.Default
            : h.Choices is { } words ? words.TakeWhile(w => w != value.Text).Count()
            : double.Parse(value.Text, System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>What is not a number among the settings of a training, in words: choices of the trainer, class weights, early stopping. Null when there is nothing.</summary>
    public static IReadOnlyDictionary<string, string>? Settings(ITrainer trainer, TrainerDefinition stated, IReadOnlyDictionary<string, double> hyperparameters)
    {
        var words = trainer.Hyperparameters.Where(h => h.Choices is not null).ToDictionary(h => h.Name, h => h.Text(hyperparameters[h.Name]));
        if (stated.ClassWeights is { } weights) words["classWeights"] = weights.ToString();
        if (stated.EarlyStopping is { } stopping) words["earlyStopping"] = stopping.ToString();
        return words.Count > 0 ? words : null;
    }
}
