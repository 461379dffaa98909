using Serverless.Models;

namespace Serverless.Evaluation;

/// <summary>
/// Figures of merit by name, as <see cref="MetricCatalogue"/> describes them and scikit-learn computes them. One that is not defined for the rows (AUC of one class) is
/// left out. Sums run in the order of the rows, so equal inputs give equal bits.
/// </summary>
public static class Metrics
{
    private const double ProbabilityFloor = 1e-15;

    /// <param name="labels">Binary: 0 or 1. Multiclass: class index, -1 for a class that training never saw. Regression: the value.</param>
    /// <param name="outputs">As a predictor gives them, row after row.</param>
    public static IReadOnlyDictionary<string, double> Compute(TaskKind task, double[] labels, double[] outputs, int classes, double threshold = 0.5)
    {
        // Of answers that are not numbers nothing can be said; and a sort does not order them.
        if (Array.Exists(outputs, o => !double.IsFinite(o))) return new Dictionary<string, double>();
        var metrics = task switch
        {
            TaskKind.Binary => Binary(labels, outputs, threshold),
            TaskKind.Multiclass => Multiclass(labels, outputs, classes),
            _ => Regression(labels, outputs),
        };
        // The order of the catalogue, so that equal metrics are equal JSON.
        return MetricCatalogue.Of(task).Where(m => metrics.TryGetValue(m.Name, out var v) && double.IsFinite(v)).ToDictionary(m => m.Name, m => metrics[m.Name]);
    }

    private static Dictionary<string, double> Binary(double[] labels, double[] probabilities, double threshold)
    {
        var (logLoss, brier) = (0.0, 0.0);
        var (tp, fp, tn, fn) = (0L, 0L, 0L, 0L);
        for (var i = 0; i < labels.Length; i++)
        {
            var (p, positive) = (probabilities[i], labels[i] > 0.5);
            logLoss -= Math.Log(Math.Clamp(positive ? p : 1 - p, ProbabilityFloor, 1 - ProbabilityFloor));
            brier += (p - labels[i]) * (p - labels[i]);
            var predicted = p > threshold;
            if (positive && predicted) tp++;
            else if (positive) fn++;
            else if (predicted) fp++;
            else tn++;
        }

        var metrics = new Dictionary<string, double>
        {
            ["log-loss"] = logLoss / labels.Length,
            ["brier"] = brier / labels.Length,
            ["accuracy"] = (double)(tp + tn) / labels.Length,
            ["precision"] = Ratio(tp, tp + fp),
            ["recall"] = Ratio(tp, tp + fn),
            ["f1"] = Ratio(2 * tp, 2 * tp + fp + fn),
        };
        Ranking(labels, probabilities, tp + fn, fp + tn, metrics);
        return metrics;
    }

    /// <summary>AUC (Mann-Whitney, ties half) and average precision from one sort.</summary>
    private static void Ranking(double[] labels, double[] scores, long positives, long negatives, Dictionary<string, double> metrics)
    {
        if (positives == 0) return;
        var keys = (double[])scores.Clone();
        var items = new byte[labels.Length];
        for (var i = 0; i < items.Length; i++) items[i] = labels[i] > 0.5 ? (byte)1 : (byte)0;
        Array.Sort(keys, items);
        var (area, precision, truePositives, falsePositives) = (0.0, 0.0, 0L, 0L);
        for (var i = keys.Length - 1; i >= 0;)
        {
            var (tied, tiedPositives) = (0L, 0L);
            for (var key = keys[i]; i >= 0 && keys[i] == key; i--)
            {
                tied++;
                tiedPositives += items[i];
            }

            var tiedNegatives = tied - tiedPositives;
            area += tiedNegatives * (truePositives + tiedPositives / 2.0);
            truePositives += tiedPositives;
            falsePositives += tiedNegatives;
            precision += (double)tiedPositives / positives * truePositives / (truePositives + falsePositives);
        }

        metrics["pr-auc"] = precision;
        if (negatives > 0) metrics["auc"] = area / ((double)positives * negatives);
    }

    private static Dictionary<string, double> Multiclass(double[] labels, double[] probabilities, int classes)
    {
        var (logLoss, right) = (0.0, 0L);
        var (truth, predicted, both) = (new long[classes], new long[classes], new long[classes]);
        for (var i = 0; i < labels.Length; i++)
        {
            var row = probabilities.AsSpan(i * classes, classes);
            var (label, best) = ((int)labels[i], 0);
            for (var k = 1; k < classes; k++)
            {
                if (row[k] > row[best]) best = k;
            }

            logLoss -= Math.Log(Math.Clamp(label < 0 ? 0 : row[label], ProbabilityFloor, 1 - ProbabilityFloor));
            predicted[best]++;
            if (label >= 0) truth[label]++;
            if (label != best) continue;
            right++;
            both[best]++;
        }

        var present = Enumerable.Range(0, classes).Where(k => truth[k] + predicted[k] > 0).ToArray();
        return new Dictionary<string, double>
        {
            ["log-loss"] = logLoss / labels.Length,
            ["accuracy"] = (double)right / labels.Length,
            ["macro-f1"] = present.Sum(k => Ratio(2 * both[k], truth[k] + predicted[k])) / present.Length,
        };
    }

    private static Dictionary<string, double> Regression(double[] labels, double[] predictions)
    {
        var mean = labels.Average();
        var (squared, absolute, total, relative, zeros) = (0.0, 0.0, 0.0, 0.0, 0);
        for (var i = 0; i < labels.Length; i++)
        {
            var error = predictions[i] - labels[i];
            squared += error * error;
            absolute += Math.Abs(error);
            total += (labels[i] - mean) * (labels[i] - mean);
            if (labels[i] == 0) zeros++;
            else relative += Math.Abs(error / labels[i]);
        }

        var metrics = new Dictionary<string, double> { ["rmse"] = Math.Sqrt(squared / labels.Length), ["mae"] = absolute / labels.Length };
        if (total > 0) metrics["r2"] = 1 - squared / total;
        if (zeros == 0) metrics["mape"] = relative / labels.Length;
        return metrics;
    }

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
