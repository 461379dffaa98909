using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Training;

/// <summary>
/// An algorithm that fits a predictor. Gets plain float vectors with names, so trainers are interchangeable; gives back a predictor that needs neither the
/// trainer nor its native library.
/// </summary>
public interface ITrainer
{
    /// <summary>As the model file writes it: lightgbm, fasttree, logistic, ...</summary>
    string Name { get; }

    TrainerTraits Traits { get; }

    /// <summary>The library behind it with its version, for the record of a run; null when it has none.</summary>
    string? Library => null;

    /// <summary>Hyperparameters that it knows, with defaults and bounds; any other key in the model file is a configuration error.</summary>
    IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    bool Supports(TaskKind task);

    /// <summary>Same set, same hyperparameters, same seed: the same predictor, byte for byte.</summary>
    /// <param name="hyperparameters">A value for each of <see cref="Hyperparameters"/>; of one with <see cref="Hyperparameter.Choices"/> the index of the word.</param>
    /// <exception cref="Problems.DataException">Nothing can be learned from these rows; the message says why.</exception>
    IPredictor Fit(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel);
}

/// <param name="NativeMissing">Takes NaN as "missing".</param>
/// <param name="NativeCategories">Takes a category index as such.</param>
/// <param name="NeedsScaling">Learns better from columns of mean 0 and deviation 1.</param>
public sealed record TrainerTraits(bool NativeMissing, bool NativeCategories, bool NeedsScaling)
{
    /// <summary>Honours <see cref="TrainingSet.Weights"/>, so that classes can be weighted.</summary>
    public bool RowWeights { get; init; }

    /// <summary>Is an <see cref="IEarlyStoppingTrainer"/>: it learns iteration by iteration and can tell which was the best.</summary>
    public bool EarlyStopping { get; init; }
}

/// <param name="Choices">The words of a setting that is not a number; its value is then the index of the word. New words come at the end: the index is stored.</param>
public sealed record Hyperparameter(string Name, double Default, double Min, double Max, bool Integer, string Description, IReadOnlyList<string>? Choices = null)
{
    /// <summary>Where a search looks by itself; null = it leaves the setting as it is unless the model file says otherwise.</summary>
    public SearchRange? Search { get; init; }

    /// <summary>A setting that takes a word; the first is the default.</summary>
    public static Hyperparameter Word(string name, string description, params string[] choices) => new(name, 0, 0, choices.Length - 1, true, description, choices);

    /// <summary>The value as people write it.</summary>
    public string Text(double value) => Choices is { } words ? words[(int)value] : value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Within the hyperparameter's own bounds, both included.</summary>
/// <param name="Log">Equal steps are equal ratios; both bounds are above 0.</param>
public sealed record SearchRange(double Min, double Max, bool Log = false);

/// <summary>Rows ready to learn from.</summary>
public sealed record TrainingSet
{
    public required TaskKind Task { get; init; }

    public required FeatureMatrix Features { get; init; }

    /// <summary>Binary: 0 or 1. Multiclass: class index. Regression: the value.</summary>
    public required float[] Labels { get; init; }

    /// <summary>Number of classes; 2 for binary, 0 for regression.</summary>
    public required int Classes { get; init; }

    /// <summary>How much each row counts; null = all the same. Only for trainers with <see cref="TrainerTraits.RowWeights"/>.</summary>
    public float[]? Weights { get; init; }

    /// <summary>Some of the rows, in the given order.</summary>
    public TrainingSet Take(int[] rows)
    {
        var width = Features.Slots.Count;
        var values = new float[(long)rows.Length * width];
        for (var i = 0; i < rows.Length; i++) Features.Row(rows[i]).CopyTo(values.AsSpan(i * width, width));
        return this with
        {
            Features = Features with { Values = values, Rows = rows.Length },
            Labels = Array.ConvertAll(rows, r => Labels[r]),
            Weights = Weights is { } weights ? Array.ConvertAll(rows, r => weights[r]) : null,
        };
    }
}

/// <summary>
/// Row-major floats: one or several slots for each feature. A category stands in its slot as an index (0 .. Cardinality - 1, NaN when missing or never seen) and is never widened
/// in memory: where a trainer wants 0/1 columns, slot s of cardinality k means columns s.0 .. s.(k-1), and predictors read the index.
/// </summary>
public sealed record FeatureMatrix(float[] Values, int Rows, IReadOnlyList<FeatureSlot> Slots)
{
    public ReadOnlySpan<float> Row(int row) => Values.AsSpan(row * Slots.Count, Slots.Count);
}

/// <param name="Name">Unique among the slots of a plan: the feature's own name where it fills one slot, <c>feature.part</c> where it fills several.</param>
/// <param name="Cardinality">Number of categories; 0 for a number.</param>
/// <param name="OneHot">A category that must be taken as 0/1 columns even where the trainer has its own handling.</param>
public sealed record FeatureSlot(string Name, int Cardinality, bool OneHot)
{
    /// <summary>The feature's name in the model file; it may fill several slots, which then stand one after another.</summary>
    public string Feature { get; init; } = Name;

    public bool IsCategory => Cardinality > 0;
}
