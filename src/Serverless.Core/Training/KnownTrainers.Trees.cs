using Serverless.Models;

namespace Serverless.Training;

/// <summary>Sums of trees, and of functions of one feature.</summary>
public static partial class KnownTrainers
{
    public static TrainerDescription LightGbm => LightGbmDescription.Value;

    public static TrainerDescription FastTree => FastTreeDescription.Value;

    public static TrainerDescription FastForest => FastForestDescription.Value;

    public static TrainerDescription Gam => GamDescription.Value;

    // A class for each: the order in which static fields of a partial class are filled is not said anywhere.
    private static class LightGbmDescription
    {
        public static readonly TrainerDescription Value = new("lightgbm", new TrainerTraits(NativeMissing: true, NativeCategories: true, NeedsScaling: false) { RowWeights = true, EarlyStopping = true },
            [TaskKind.Binary, TaskKind.Multiclass, TaskKind.Regression],
        [
            new("iterations", 100, 1, 100_000, true, "Number of trees (for each class).") { Search = new(50, 500, Log: true) },
            new("leaves", 31, 2, 131_072, true, "Leaves of a tree, at most.") { Search = new(7, 255, Log: true) },
            new("learning-rate", 0.1, 1e-6, 10, false, "Share of each tree that is added.") { Search = new(0.01, 0.3, Log: true) },
            new("min-data-in-leaf", 20, 0, 10_000_000, true, "Rows of a leaf, at least.") { Search = new(5, 500, Log: true) },
            new("max-depth", -1, -1, 1000, true, "Depth of a tree, at most; -1 = no limit."),
            new("max-bin", 255, 2, 65_535, true, "Bins into which a number's values go."),
            new("l1", 0, 0, 1e9, false, "L1 regularisation of leaf values."),
            new("l2", 0, 0, 1e9, false, "L2 regularisation of leaf values.") { Search = new(0.001, 100, Log: true) },
            new("min-gain", 0, 0, 1e9, false, "Gain of a split, at least."),
            new("feature-fraction", 1, 0.001, 1, false, "Share of the features drawn for each tree.") { Search = new(0.5, 1) },
            new("bagging-fraction", 1, 0.001, 1, false, "Share of the rows drawn for each bag.") { Search = new(0.5, 1) },
            new("bagging-frequency", 0, 0, 100_000, true, "Trees between draws of rows; 0 = 1 when bagging-fraction is below 1."),
            new("min-data-per-group", 100, 1, 10_000_000, true, "Rows of a category, at least, to be split by itself."),
            new("category-smoothing", 10, 0, 1e9, false, "Weight of the prior in the order of categories."),
            new("category-l2", 10, 0, 1e9, false, "L2 regularisation of splits by category."),
            new("max-category-threshold", 32, 1, 1_000_000, true, "Categories on the smaller side of a split, at most."),
            Hyperparameter.Word("objective", "What regression minimises; auto = regression (squared error), and the task's own for classes.",
                "auto", "regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie"),
            new("alpha", 0.9, 1e-6, 1e9, false, "huber: where squared error becomes absolute; quantile: which one (below 1)."),
            new("tweedie-power", 1.5, 1, 1.999, false, "tweedie: power of the variance, from 1 (Poisson) to 2 (gamma)."),
        ]);
    }

    private static class FastTreeDescription
    {
        public static readonly TrainerDescription Value = new("fasttree", new TrainerTraits(NativeMissing: false, NativeCategories: false, NeedsScaling: false) { RowWeights = true, EarlyStopping = true },
            [TaskKind.Binary, TaskKind.Multiclass, TaskKind.Regression],
        [
            new("iterations", 100, 1, 100_000, true, "Number of trees (for each class).") { Search = new(50, 500, Log: true) },
            new("leaves", 20, 2, 131_072, true, "Leaves of a tree, at most.") { Search = new(4, 128, Log: true) },
            new("learning-rate", 0.2, 1e-6, 10, false, "Share of each tree that is added.") { Search = new(0.02, 0.4, Log: true) },
            new("min-data-in-leaf", 10, 1, 10_000_000, true, "Rows of a leaf, at least.") { Search = new(1, 200, Log: true) },
            new("max-bin", 255, 2, 65_535, true, "Bins into which a number's values go."),
        ]);
    }

    private static class FastForestDescription
    {
        public static readonly TrainerDescription Value = new("fastforest", new TrainerTraits(NativeMissing: false, NativeCategories: false, NeedsScaling: false) { RowWeights = true },
            [TaskKind.Binary, TaskKind.Multiclass, TaskKind.Regression],
        [
            new("iterations", 100, 1, 100_000, true, "Number of trees (for each class).") { Search = new(50, 500, Log: true) },
            new("leaves", 20, 2, 131_072, true, "Leaves of a tree, at most.") { Search = new(8, 256, Log: true) },
            new("min-data-in-leaf", 10, 1, 10_000_000, true, "Rows of a leaf, at least.") { Search = new(1, 200, Log: true) },
            new("feature-fraction", 0.7, 0.001, 1, false, "Share of the features drawn for each split.") { Search = new(0.3, 1) },
            new("bagging-fraction", 0.7, 0.001, 1, false, "Share of the rows drawn for each tree."),
            new("max-bin", 255, 2, 65_535, true, "Bins into which a number's values go."),
        ]);
    }

    private static class GamDescription
    {
        public static readonly TrainerDescription Value = new("gam", new TrainerTraits(NativeMissing: false, NativeCategories: true, NeedsScaling: false),
            [TaskKind.Binary, TaskKind.Multiclass, TaskKind.Regression],
        [
            new("iterations", 500, 1, 1_000_000, true, "Rounds; each adds a step to the function of every feature.") { Search = new(100, 2000, Log: true) },
            new("learning-rate", 0.04, 1e-6, 10, false, "Share of each step that is added; 1 / columns at most (classes: 4 / columns).") { Search = new(0.005, 0.2, Log: true) },
            new("min-data-in-leaf", 10, 1, 10_000_000, true, "Rows on each side of a step, at least.") { Search = new(5, 200, Log: true) },
            new("max-bin", 255, 2, 65_535, true, "Bins into which a number's values go."),
        ]);
    }
}
