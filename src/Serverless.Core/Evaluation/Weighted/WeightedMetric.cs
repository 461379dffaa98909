using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Evaluation.Weighted;

/// <summary>The metrics of the catalogue over weighted rows, as scikit-learn computes them with <c>sample_weight</c>. With all weights 1 they are the metrics themselves.</summary>
internal static class WeightedMetric
{
    /// <param name="outputs">As a predictor gives them, row after row.</param>
    /// <param name="classes">Of a multiclass task.</param>
    /// <returns>Null for a name that is no metric of the task.</returns>
    public static IWeightedFigure? Of(TaskKind task, string metric, double[] truth, double[] outputs, int classes = 2, double threshold = 0.5)
    {
        if (RowLoss.Of(task, metric, truth, outputs, classes, threshold) is { } losses) return new WeightedMean(losses);
        return (task, metric) switch
        {
            (TaskKind.Binary, "auc") => new WeightedRanking(truth, outputs, precision: false),
            (TaskKind.Binary, "pr-auc") => new WeightedRanking(truth, outputs, precision: true),
            _ => All(task, truth, outputs, classes, threshold, ranked: metric == "auc-ovr") is var all && all.Names.ToList().IndexOf(metric) is >= 0 and var index ? new OneFigure(all, index) : null,
        };
    }

    /// <summary>Every metric of the task from one pass.</summary>
    /// <param name="ranked">Whether a multiclass task's one-against-rest AUC is wanted: as many passes as there are classes.</param>
    public static IWeightedFigures All(TaskKind task, double[] truth, double[] outputs, int classes = 2, double threshold = 0.5, bool ranked = true) => task switch
    {
        TaskKind.Binary => new BinaryFigures(truth, outputs, threshold),
        TaskKind.Multiclass => new ClassFigures(truth, outputs, classes, ranked),
        _ => new RegressionFigures(truth, outputs),
    };
}

/// <summary>What each row adds to a metric that is a mean over rows; null for other metrics.</summary>
internal static class RowLoss
{
    // As scikit-learn since 1.2: the distance of 1 to its neighbour.
    private const double ProbabilityFloor = 2.220446049250313e-16;

    public static double[]? Of(TaskKind task, string metric, double[] truth, double[] outputs, int classes = 2, double threshold = 0.5)
    {
        Func<int, double>? loss = (task, metric) switch
        {
            (TaskKind.Binary, "log-loss") => i => LogLoss(truth[i] > 0.5 ? outputs[i] : 1 - outputs[i]),
            (TaskKind.Binary, "brier") => i => (outputs[i] - truth[i]) * (outputs[i] - truth[i]),
            (TaskKind.Binary, "accuracy") => i => outputs[i] > threshold == truth[i] > 0.5 ? 1 : 0,
            (TaskKind.Multiclass, "log-loss") => i => LogLoss(truth[i] < 0 ? 0 : outputs[(i * classes) + (int)truth[i]]),
            (TaskKind.Multiclass, "accuracy") => i => Best(outputs.AsSpan(i * classes, classes)) == (int)truth[i] ? 1 : 0,
            (TaskKind.Regression, "mae") => i => Math.Abs(outputs[i] - truth[i]),
            (TaskKind.Regression, "mape") when Array.TrueForAll(truth, t => t != 0) => i => Math.Abs((outputs[i] - truth[i]) / truth[i]),
            _ => null,
        };
        if (loss is null) return null;
        var losses = new double[truth.Length];
        for (var i = 0; i < losses.Length; i++) losses[i] = loss(i);
        return losses;
    }

    /// <summary>Minus the natural logarithm of the probability of what came true, kept 2.2e-16 away from 0 and 1.</summary>
    public static double LogLoss(double probability) => -Math.Log(Math.Clamp(probability, ProbabilityFloor, 1 - ProbabilityFloor));

    /// <summary>Squared difference of probabilities and outcome, summed over the classes.</summary>
    public static double Brier(ReadOnlySpan<double> probabilities, int label)
    {
        var sum = 0.0;
        for (var k = 0; k < probabilities.Length; k++)
        {
            var difference = probabilities[k] - (k == label ? 1 : 0);
            sum += difference * difference;
        }

        return label < 0 ? sum + 1 : sum;
    }

    /// <summary>The most probable class; the first of equals.</summary>
    public static int Best(ReadOnlySpan<double> probabilities)
    {
        var best = 0;
        for (var k = 1; k < probabilities.Length; k++)
        {
            if (probabilities[k] > probabilities[best]) best = k;
        }

        return best;
    }
}

/// <summary>Mean of what each row adds.</summary>
internal sealed class WeightedMean(double[] losses) : IWeightedFigure
{
    public double Compute(ReadOnlySpan<byte> weights)
    {
        double sum = 0;
        long whole = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += weights[i] * losses[i];
            whole += weights[i];
        }

        return sum / whole;
    }
}
