using Serverless.Evaluation.Weighted;
using Serverless.Models;

namespace Serverless.Evaluation;

/// <summary>
/// Figures of merit by name, as <see cref="MetricCatalogue"/> describes them and scikit-learn computes them. One that is not defined for the rows (AUC of one class) is
/// left out. Sums run in a fixed order, so equal inputs give equal bits.
/// </summary>
public static class Metrics
{
    /// <param name="labels">Binary: 0 or 1. Multiclass: class index, -1 for a class that training never saw. Regression: the value.</param>
    /// <param name="outputs">As a predictor gives them, row after row.</param>
    public static IReadOnlyDictionary<string, double> Compute(TaskKind task, double[] labels, double[] outputs, int classes, double threshold = 0.5)
    {
        if (labels.Length == 0 || Array.Exists(outputs, o => !double.IsFinite(o))) return new Dictionary<string, double>();
        return InOrder(MetricCatalogue.Of(task), WeightedMetric.All(task, labels, outputs, classes, threshold), labels.Length);
    }

    /// <summary>Every metric of the model that is defined, in the order of the catalogue.</summary>
    internal static IReadOnlyDictionary<string, double> Of(Holdout holdout, Answers answers, IWeightedFigures figures) =>
        holdout.Count == 0 || Array.Exists(answers.Outputs, o => !double.IsFinite(o)) ? new Dictionary<string, double>() : InOrder(MetricCatalogue.Of(holdout.Model), figures, holdout.Count);

    /// <summary>Why each metric of the model that is not among the computed ones is not; null when none lacks.</summary>
    internal static IReadOnlyDictionary<string, string>? Undefined(Holdout holdout, IReadOnlyDictionary<string, double> computed)
    {
        var answers = holdout.Candidate;
        var wrong = answers.Outputs.Count(o => !double.IsFinite(o));
        var reasons = MetricCatalogue.Of(holdout.Model).Where(m => !computed.ContainsKey(m.Name) && m.Applies(answers.Classes.Count)).ToDictionary(m => m.Name,
            m => wrong > 0 ? $"the model's answers are not numbers: {wrong} of {answers.Outputs.Length}" : holdout.Count == 0 ? "the holdout has no rows"
                : answers.Own.TryGetValue(m.Name, out var own) ? own.Undefined : $"it needs {m.Needs}");
        return reasons.Count == 0 ? null : reasons;
    }

    private static Dictionary<string, double> InOrder(IReadOnlyList<MetricDescription> metrics, IWeightedFigures figures, int rows)
    {
        var (weights, values) = (new byte[rows], new double[figures.Names.Count]);
        Array.Fill(weights, (byte)1);
        figures.Compute(weights, values);
        var found = figures.Names.Zip(values).Where(f => double.IsFinite(f.Second)).ToDictionary(f => f.First, f => f.Second);
        // The order of the catalogue, so that equal metrics are equal JSON.
        return metrics.Where(m => found.ContainsKey(m.Name)).ToDictionary(m => m.Name, m => found[m.Name]);
    }
}
