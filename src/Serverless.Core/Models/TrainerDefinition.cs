using System.Globalization;
using Serverless.Datasets;

namespace Serverless.Models;

/// <param name="Parameters">Hyperparameters as written; each trainer names those it knows.</param>
public sealed record TrainerDefinition(string Name, IReadOnlyDictionary<string, Parameter> Parameters, int Seed, int Line, int Column)
{
    /// <summary>How much the rows of each class count; null = all rows the same.</summary>
    public ClassWeightsDefinition? ClassWeights { get; init; }

    /// <summary>Null = all iterations.</summary>
    public EarlyStoppingDefinition? EarlyStopping { get; init; }
}

/// <param name="ByClass">Weights by class name; a class that is not named counts 1. Null = balanced: every class counts the same in sum.</param>
public sealed record ClassWeightsDefinition(IReadOnlyDictionary<string, double>? ByClass, int Line, int Column)
{
    public override string ToString() => ByClass is null ? "balanced"
        : string.Join(", ", ByClass.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key}: {c.Value}")));
}

/// <param name="Rounds">Iterations without an improvement after which training stops.</param>
/// <param name="Share">Share of the training rows, the last by time, that is looked at and not learned from.</param>
/// <param name="Refit">Learn from all training rows once more, with the best number of iterations.</param>
public sealed record EarlyStoppingDefinition(int Rounds, double Share, bool Refit, int Line, int Column)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"rounds: {Rounds}, share: {Share}, refit: {(Refit ? "true" : "false")}");
}
