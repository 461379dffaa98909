using System.Globalization;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.LightGbm;

/// <summary>What LightGBM minimises: the task's own, or for regression what the model file names.</summary>
internal static class LightGbmObjective
{
    public static string Name(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters) => set.Task switch
    {
        TaskKind.Binary => "binary",
        TaskKind.Multiclass => "multiclass",
        _ => Setting.Text(hyperparameters.GetValueOrDefault("objective")) is var word && word == "auto" ? "regression" : word,
    };

    /// <summary>As LightGBM's parameters have it.</summary>
    public static string Text(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters)
    {
        var name = Name(set, hyperparameters);
        return name switch
        {
            "multiclass" => FormattableString.Invariant($"objective=multiclass num_class={set.Classes}"),
            "huber" or "quantile" => string.Create(CultureInfo.InvariantCulture, $"objective={name} alpha={hyperparameters["alpha"]}"),
            "tweedie" => string.Create(CultureInfo.InvariantCulture, $"objective={name} tweedie_variance_power={hyperparameters["tweedie-power"]}"),
            _ => $"objective={name}",
        };
    }

    private static Hyperparameter Setting { get; } = KnownTrainers.LightGbm.Hyperparameters.Single(h => h.Name == "objective");
}

/// <summary>Labels that an objective cannot take, said before LightGBM says it in its own words.</summary>
internal static class LightGbmLabels
{
    /// <exception cref="DataException">Negative counts, or amounts that are not above zero.</exception>
    public static void Require(TrainingSet set, string objective)
    {
        var (wrong, expected) = objective switch
        {
            "poisson" or "tweedie" => (set.Labels.Count(l => l < 0), "at least 0"),
            "gamma" => (set.Labels.Count(l => l <= 0), "above 0"),
            _ => (0, ""),
        };
        if (wrong > 0) throw new DataException($"'objective: {objective}' takes labels {expected}, and {wrong} of {set.Labels.Length} training rows have another; filter them in the label's expression, or choose another objective");
        if (objective is "poisson" or "tweedie" && set.Labels.All(l => l == 0)) throw new DataException($"'objective: {objective}' has nothing to learn: the label is 0 in all {set.Labels.Length} training rows");
    }
}
