using Serverless.Models;

namespace Serverless.Training;

/// <summary>What a model file may say about a trainer, known without loading it (native libraries and ML.NET load at the first fit).</summary>
public sealed record TrainerDescription(string Name, TrainerTraits Traits, IReadOnlyList<TaskKind> Tasks, IReadOnlyList<Hyperparameter> Hyperparameters);

/// <summary>The trainers that come with the product.</summary>
public static class KnownTrainers
{
    private static readonly TaskKind[] EveryTask = [TaskKind.Binary, TaskKind.Multiclass, TaskKind.Regression];

    public static TrainerDescription LightGbm { get; } = new("lightgbm", new TrainerTraits(NativeMissing: true, NativeCategories: true, NeedsScaling: false), EveryTask,
    [
        new("iterations", 100, 1, 100_000, true, "Number of trees (for each class)."),
        new("leaves", 31, 2, 131_072, true, "Leaves of a tree, at most."),
        new("learning-rate", 0.1, 1e-6, 10, false, "Share of each tree that is added."),
        new("min-data-in-leaf", 20, 0, 10_000_000, true, "Rows of a leaf, at least."),
        new("max-depth", -1, -1, 1000, true, "Depth of a tree, at most; -1 = no limit."),
        new("max-bin", 255, 2, 65_535, true, "Bins into which a number's values go."),
        new("l1", 0, 0, 1e9, false, "L1 regularisation of leaf values."),
        new("l2", 0, 0, 1e9, false, "L2 regularisation of leaf values."),
        new("min-gain", 0, 0, 1e9, false, "Gain of a split, at least."),
        new("feature-fraction", 1, 0.001, 1, false, "Share of the features drawn for each tree."),
        new("bagging-fraction", 1, 0.001, 1, false, "Share of the rows drawn for each bag."),
        new("bagging-frequency", 0, 0, 100_000, true, "Trees between draws of rows; 0 = 1 when bagging-fraction is below 1."),
        new("min-data-per-group", 100, 1, 10_000_000, true, "Rows of a category, at least, to be split by itself."),
        new("category-smoothing", 10, 0, 1e9, false, "Weight of the prior in the order of categories."),
        new("category-l2", 10, 0, 1e9, false, "L2 regularisation of splits by category."),
        new("max-category-threshold", 32, 1, 1_000_000, true, "Categories on the smaller side of a split, at most."),
    ]);

    public static TrainerDescription FastTree { get; } = new("fasttree", new TrainerTraits(NativeMissing: false, NativeCategories: false, NeedsScaling: false), EveryTask,
    [
        new("iterations", 100, 1, 100_000, true, "Number of trees (for each class)."),
        new("leaves", 20, 2, 131_072, true, "Leaves of a tree, at most."),
        new("learning-rate", 0.2, 1e-6, 10, false, "Share of each tree that is added."),
        new("min-data-in-leaf", 10, 1, 10_000_000, true, "Rows of a leaf, at least."),
        new("max-bin", 255, 2, 65_535, true, "Bins into which a number's values go."),
    ]);

    public static TrainerDescription Logistic { get; } = new("logistic", new TrainerTraits(false, false, NeedsScaling: true), [TaskKind.Binary, TaskKind.Multiclass],
    [
        new("l1", 0, 0, 1e9, false, "L1 regularisation of weights."),
        new("l2", 1, 0, 1e9, false, "L2 regularisation of weights."),
        new("iterations", 200, 1, 100_000, true, "Steps of L-BFGS, at most."),
        new("tolerance", 1e-7, 1e-15, 1, false, "Improvement below which training stops."),
    ]);

    public static TrainerDescription Linear { get; } = new("linear", new TrainerTraits(false, false, NeedsScaling: true), [TaskKind.Regression],
    [
        new("l2", 1e-4, 0, 1e9, false, "L2 regularisation of weights, relative to the number of rows."),
        new("iterations", 100, 1, 100_000, true, "Passes over the rows, at most."),
        new("tolerance", 1e-4, 1e-15, 1, false, "Improvement below which training stops."),
    ]);

    public static TrainerDescription Baseline { get; } = new("baseline", new TrainerTraits(true, true, false), EveryTask, []);

    public static IReadOnlyList<TrainerDescription> All { get; } = [LightGbm, FastTree, Logistic, Linear, Baseline];

    /// <summary>The description of a trainer that somebody added.</summary>
    public static TrainerDescription Describe(ITrainer trainer) =>
        new(trainer.Name, trainer.Traits, [.. EveryTask.Where(trainer.Supports)], trainer.Hyperparameters);
}
