using Serverless.Evaluation.Weighted;
using Serverless.Models;

namespace Serverless.Core.Tests.Evaluation;

/// <summary>Golden values: scikit-learn 1.2.1 with sample_weight, or over rows repeated as often as their weight.</summary>
public sealed class WeightedFiguresTests
{
    [Theory]
    [InlineData("auc", 0.8363636363636363), InlineData("pr-auc", 0.7857340827449523), InlineData("log-loss", 0.5029733756266462), InlineData("brier", 0.16714285714285715)]
    [InlineData("accuracy", 0.7857142857142857), InlineData("precision", 0.7391304347826086), InlineData("recall", 0.85), InlineData("f1", 0.7906976744186046)]
    [InlineData("balanced-accuracy", 0.7886363636363636), InlineData("mcc", 0.5792508235111812), InlineData("kappa", 0.5733634311512416), InlineData("f2", 0.8252427184466018)]
    [InlineData("ks", 0.5863636363636363), InlineData("gain-10", 0.25), InlineData("lift-10", 2.1)]
    public void Binary_Weighted_EqualsScikitLearn(string metric, double expected) => Weighted(TaskKind.Binary, metric,
        [1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0],
        [.7, .8, .4, .4, .9, .3, .6, .8, .5, .6, .2, .6, .3, .6, .3, .7, .6, .3, .7, .2, .4, .3, .7, .5, .4, .6, .5, .9, .1, .6, .5, .3, .5, .6, .5, 0, .1, .8, .6, .6],
        [2, 0, 1, 3, 1, 0, 1, 1, 0, 0, 0, 0, 1, 2, 1, 4, 1, 2, 0, 1, 0, 1, 2, 1, 1, 0, 1, 2, 0, 1, 0, 1, 2, 3, 0, 2, 1, 1, 2, 0]).ShouldBe(expected, 1e-13);

    [Theory]
    [InlineData("accuracy", 0.06666666666666667), InlineData("macro-f1", 0.06066176470588235), InlineData("weighted-f1", 0.06053921568627451), InlineData("mcc", -0.25802550936428925)]
    [InlineData("kappa", -0.24444444444444446), InlineData("balanced-accuracy", 0.06696428571428571), InlineData("auc-ovr", 0.40361315075589377), InlineData("top-2-accuracy", 0.5333333333333333), InlineData("top-3-accuracy", 0.9)]
    public void Multiclass_Weighted_EqualsScikitLearn(string metric, double expected) => Weighted(TaskKind.Multiclass, metric,
        [0, 1, 0, 2, 3, 2, 2, 0, 3, 1, 3, 0, 2, 3, 0, 0, 0, 0, 1, 2, 0, 2, 0, 3, 3, 1, 1, 0, 1, 3],
        [
            0.353, 0.612, 0.035, 0.001, 0.274, 0.403, 0.095, 0.228, 0.399, 0.187, 0.409, 0.005, 0.099, 0.102, 0.04, 0.758, 0.019, 0.669, 0.044, 0.268, 0.241, 0.089, 0.328, 0.341, 0.181, 0.634, 0.083, 0.102, 0.12, 0.13,
            0.063, 0.687, 0.677, 0.043, 0.177, 0.102, 0.144, 0.077, 0.167, 0.612, 0.126, 0.274, 0.236, 0.364, 0.012, 0.259, 0.554, 0.175, 0.09, 0.296, 0.33, 0.284, 0.021, 0.487, 0.417, 0.074, 0.126, 0.006, 0.628, 0.24,
            0.335, 0.474, 0.069, 0.122, 0.08, 0.256, 0.027, 0.637, 0.251, 0.238, 0.045, 0.467, 0.377, 0.22, 0.061, 0.341, 0.05, 0.562, 0.278, 0.109, 0.185, 0.255, 0.077, 0.483, 0.117, 0.476, 0.385, 0.022, 0.289, 0.103,
            0.39, 0.218, 0.163, 0.603, 0.016, 0.218, 0.149, 0.014, 0.527, 0.31, 0.289, 0.117, 0.053, 0.541, 0.063, 0.028, 0.673, 0.236, 0.087, 0.407, 0.077, 0.428, 0.582, 0.225, 0.035, 0.158, 0.767, 0.115, 0.039, 0.079,
        ],
        [1, 1, 2, 1, 2, 0, 0, 0, 0, 0, 1, 1, 0, 2, 0, 1, 1, 3, 4, 0, 1, 1, 1, 1, 1, 0, 1, 2, 1, 1], 4).ShouldBe(expected, 1e-13);

    [Theory]
    [InlineData("rmse", 0.9626845477421658), InlineData("r2", 0.5942611821544057), InlineData("median-ae", 0.7000000000000002), InlineData("explained-variance", 0.5971719232904691)]
    [InlineData("poisson-deviance", 0.274438195061796), InlineData("rmsle", 0.22416277327629253), InlineData("max-error", 2.6400000000000006)]
    public void Regression_Weighted_EqualsScikitLearn(string metric, double expected) => Weighted(TaskKind.Regression, metric,
        [0.72, 2.38, 6.23, 1.44, 1.88, 0.55, 1.68, 1.12, 2.75, 1.01, 2.94, 2.59, 0.8, 0.85, 0.3, 0.56, 1.65, 1.46, 4.18, 4.02, 1.59, 1.92, 1.69, 6.91, 0.67],
        [0.79, 1.82, 6.11, 2.14, 2.61, 0.57, 1.49, 1.02, 4.34, 0.63, 4.35, 3.74, 0.6, 0.75, 0.34, 0.77, 2.55, 2.32, 3.38, 2.86, 1.65, 2.14, 2.07, 4.27, 0.81],
        [5, 1, 0, 2, 0, 1, 1, 0, 1, 1, 3, 0, 1, 1, 0, 0, 2, 1, 1, 3, 0, 1, 0, 1, 0]).ShouldBe(expected, 1e-13);

    [Theory, InlineData(TaskKind.Binary, "loss"), InlineData(TaskKind.Regression, "auc")]
    public void Of_NoMetricOfTheTask_IsNull(TaskKind task, string metric) => WeightedMetric.Of(task, metric, [0, 1], [0.2, 0.3]).ShouldBeNull();

    private static double Weighted(TaskKind task, string metric, double[] truth, double[] outputs, byte[] weights, int classes = 2)
    {
        // The figure by itself and the figure among all must be one.
        var all = WeightedMetric.All(task, truth, outputs, classes);
        var values = new double[all.Names.Count];
        all.Compute(weights, values);
        var alone = WeightedMetric.Of(task, metric, truth, outputs, classes)!.Compute(weights);
        values[all.Names.ToList().IndexOf(metric)].ShouldBe(alone, 1e-12);
        return alone;
    }
}
