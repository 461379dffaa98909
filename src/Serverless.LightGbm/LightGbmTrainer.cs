using System.Globalization;
using System.Text;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.LightGbm;

/// <summary>Gradient-boosted trees by LightGBM's own C API. The predictor is LightGBM's text, read by ourselves: serving needs no native library.</summary>
internal sealed unsafe class LightGbmTrainer : IEarlyStoppingTrainer
{
    /// <summary>Our names of hyperparameters, and LightGBM's.</summary>
    private static readonly (string Ours, string Theirs)[] Names =
    [
        ("leaves", "num_leaves"), ("learning-rate", "learning_rate"), ("min-data-in-leaf", "min_data_in_leaf"), ("max-depth", "max_depth"), ("max-bin", "max_bin"),
        ("l1", "lambda_l1"), ("l2", "lambda_l2"), ("min-gain", "min_gain_to_split"), ("feature-fraction", "feature_fraction"), ("bagging-fraction", "bagging_fraction"),
        ("bagging-frequency", "bagging_freq"), ("min-data-per-group", "min_data_per_group"), ("category-smoothing", "cat_smooth"), ("category-l2", "cat_l2"),
        ("max-category-threshold", "max_cat_threshold"),
    ];

    private readonly Action ensureLibrary;

    public LightGbmTrainer()
        : this(NativeLibraryCheck.Ensure)
    {
    }

    internal LightGbmTrainer(Action ensureLibrary) => this.ensureLibrary = ensureLibrary;

    public string Name => KnownTrainers.LightGbm.Name;

    public TrainerTraits Traits => KnownTrainers.LightGbm.Traits;

    public IReadOnlyList<Hyperparameter> Hyperparameters => KnownTrainers.LightGbm.Hyperparameters;

    public bool Supports(TaskKind task) => KnownTrainers.LightGbm.Tasks.Contains(task);

    public IPredictor Fit(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel)
    {
        var parameters = Begin(set, hyperparameters, seed);
        try
        {
            using var data = new TrainingData(set, parameters);
            return new LightGbmPredictor(Train(data, parameters, (int)hyperparameters["iterations"], set, progress, cancel));
        }
        catch (LightGbmException e)
        {
            throw new DataException($"LightGBM cannot train on these data: {e.Message}", e);
        }
    }

    public StoppingPoint FindBest(TrainingSet set, TrainingSet later, int rounds, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel)
    {
        var parameters = Begin(set, hyperparameters, seed);
        LightGbmLabels.Require(later, LightGbmObjective.Name(set, hyperparameters));
        try
        {
            using var data = new TrainingData(set, parameters);
            using var aside = new TrainingData(later, parameters, data);
            return EarlyStop.Run(data, aside, parameters, (int)hyperparameters["iterations"], rounds, set.Features.Slots, progress, cancel);
        }
        catch (LightGbmException e)
        {
            throw new DataException($"LightGBM cannot train on these data: {e.Message}", e);
        }
    }

    private string Begin(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed)
    {
        LightGbmLabels.Require(set, LightGbmObjective.Name(set, hyperparameters));
        ensureLibrary();
        LightGbmNative.Silence();
        return Parameters(set, hyperparameters, seed);
    }

    internal static string Parameters(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed)
    {
        var text = new StringBuilder(LightGbmObjective.Text(set, hyperparameters));
        // Fixed order of sums whatever the number of threads: the same data give the same bytes.
        text.Append(CultureInfo.InvariantCulture, $" deterministic=true force_row_wise=true num_threads={Environment.ProcessorCount} seed={seed} verbosity=-1");
        foreach (var (ours, theirs) in Names)
        {
            var value = hyperparameters[ours];
            if (ours == "bagging-frequency" && value == 0 && hyperparameters["bagging-fraction"] < 1) value = 1;
            text.Append(CultureInfo.InvariantCulture, $" {theirs}={value}");
        }

        return text.ToString();
    }

    private static string Train(TrainingData data, string parameters, int iterations, TrainingSet set, IProgress<double>? progress, CancellationToken cancel)
    {
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterCreate(data.Handle, parameters, out var booster));
        try
        {
            for (var i = 0; i < iterations; i++)
            {
                cancel.ThrowIfCancellationRequested();
                LightGbmNative.Check(LightGbmNative.LGBM_BoosterUpdateOneIter(booster, out var finished));
                if (finished != 0) break;
                progress?.Report((i + 1.0) / iterations);
            }

            return Save(booster, set.Features.Slots);
        }
        finally
        {
            LightGbmNative.LGBM_BoosterFree(booster);
        }
    }

    /// <summary>The model's text with our line about slots.</summary>
    /// <param name="iterations">The first ones; -1 = all.</param>
    internal static string Save(nint booster, IReadOnlyList<FeatureSlot> slots, int iterations = -1) => WithSlots(Save(booster, iterations), slots);

    internal static string Save(nint booster, int iterations = -1)
    {
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterSaveModelToString(booster, 0, iterations, 0, 0, out var length, null));
        var buffer = new byte[length];
        fixed (byte* first = buffer)
        {
            LightGbmNative.Check(LightGbmNative.LGBM_BoosterSaveModelToString(booster, 0, iterations, 0, length, out _, first));
        }

        return Encoding.UTF8.GetString(buffer.AsSpan(0, (int)length - 1));
    }

    // The number of threads is part of what LightGBM writes down, but not of the model: the same model trained on another machine should be the same bytes.
    private static string WithSlots(string text, IReadOnlyList<FeatureSlot> slots)
    {
        text = text.Replace("\ntree_sizes=", $"\n{LightGbmSlots.Line(slots)}\ntree_sizes=", StringComparison.Ordinal);
        var threads = text.IndexOf("\n[num_threads:", StringComparison.Ordinal);
        if (threads < 0) return text;
        return string.Concat(text.AsSpan(0, threads), text.AsSpan(text.IndexOf('\n', threads + 1)));
    }
}
