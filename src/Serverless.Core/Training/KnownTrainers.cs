using Serverless.Models;

namespace Serverless.Training;

/// <summary>The trainers that come with the product.</summary>
public static partial class KnownTrainers
{
    private static readonly TaskKind[] EveryTask = [TaskKind.Binary, TaskKind.Multiclass, TaskKind.Regression];

    public static TrainerDescription Baseline { get; } = new("baseline", new TrainerTraits(true, true, false), EveryTask, []);

    /// <summary>Not a trainer: the model was trained elsewhere and is imported.</summary>
    public static TrainerDescription Onnx { get; } = new("onnx", new TrainerTraits(NativeMissing: true, NativeCategories: false, NeedsScaling: false), EveryTask, []);

    public static IReadOnlyList<TrainerDescription> All { get; } = [LightGbm, FastTree, FastForest, Gam, Logistic, Linear, Sdca, Poisson, Baseline, Onnx];

    /// <summary>The description of a trainer that somebody added.</summary>
    public static TrainerDescription Describe(ITrainer trainer) =>
        new(trainer.Name, trainer.Traits, [.. EveryTask.Where(trainer.Supports)], trainer.Hyperparameters);
}
