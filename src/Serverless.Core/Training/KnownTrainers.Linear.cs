using Serverless.Models;

namespace Serverless.Training;

/// <summary>Weighted sums.</summary>
public static partial class KnownTrainers
{
    public static TrainerDescription Logistic => LogisticDescription.Value;

    public static TrainerDescription Linear => LinearDescription.Value;

    public static TrainerDescription Sdca => SdcaDescription.Value;

    public static TrainerDescription Poisson => PoissonDescription.Value;

    private static TrainerTraits Weighted => new(NativeMissing: false, NativeCategories: false, NeedsScaling: true) { RowWeights = true };

    private static class LogisticDescription
    {
        public static readonly TrainerDescription Value = new("logistic", Weighted, [TaskKind.Binary, TaskKind.Multiclass],
        [
            new("l1", 0, 0, 1e9, false, "L1 regularisation of weights."),
            new("l2", 1, 0, 1e9, false, "L2 regularisation of weights.") { Search = new(0.001, 100, Log: true) },
            new("iterations", 200, 1, 100_000, true, "Steps of L-BFGS, at most."),
            new("tolerance", 1e-7, 1e-15, 1, false, "Improvement below which training stops."),
        ]);
    }

    private static class LinearDescription
    {
        public static readonly TrainerDescription Value = new("linear", Weighted, [TaskKind.Regression],
        [
            new("l2", 1e-4, 0, 1e9, false, "L2 regularisation of weights, relative to the number of rows.") { Search = new(1e-7, 1, Log: true) },
            new("iterations", 500, 1, 100_000, true, "Steps of conjugate gradients, each a pass over the rows, at most."),
            new("tolerance", 1e-9, 1e-15, 1, false, "Length of the gradient, relative to the first, at which training stops."),
        ]);
    }

    private static class SdcaDescription
    {
        public static readonly TrainerDescription Value = new("sdca", Weighted, [TaskKind.Binary, TaskKind.Multiclass, TaskKind.Regression],
        [
            new("l1", 0, 0, 1e9, false, "L1 regularisation: weights below it become zero."),
            new("l2", 1e-4, 1e-9, 1e9, false, "L2 regularisation of weights, relative to the number of rows.") { Search = new(1e-7, 0.1, Log: true) },
            new("iterations", 100, 1, 100_000, true, "Passes over the rows, at most."),
            new("tolerance", 1e-3, 1e-15, 1, false, "Duality gap, relative to the loss, below which training stops."),
        ]);
    }

    private static class PoissonDescription
    {
        public static readonly TrainerDescription Value = new("poisson", Weighted, [TaskKind.Regression],
        [
            new("l1", 0, 0, 1e9, false, "L1 regularisation of weights."),
            new("l2", 1, 0, 1e9, false, "L2 regularisation of weights.") { Search = new(0.001, 100, Log: true) },
            new("iterations", 200, 1, 100_000, true, "Steps of L-BFGS, at most."),
            new("tolerance", 1e-7, 1e-15, 1, false, "Improvement below which training stops."),
        ]);
    }
}
