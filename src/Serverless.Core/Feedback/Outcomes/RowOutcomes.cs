using Serverless.Evaluation;
using Serverless.Evaluation.Weighted;
using Serverless.Models;

namespace Serverless.Feedback;

/// <summary>What a single prediction contributes to a comparison of variants: metrics that are means over rows, by name.</summary>
internal static class RowOutcomes
{
    /// <summary>Names of the reward of a right answer; <c>""</c> is how rollouts ask for it.</summary>
    private const string Right = "", Accuracy = "accuracy";

    private static readonly string[] People = ["seen", "used", "accepted"];

    /// <summary>Every name that a rollout of the model may use. Others, such as auc, are no mean over predictions, so no prediction has a value of them.</summary>
    public static IReadOnlyList<string> Names(ModelDefinition model) =>
    [
        .. model.Task switch { TaskKind.Binary => [Accuracy, "log-loss", "brier"], TaskKind.Multiclass => [Accuracy, "log-loss", "brier"], _ => new[] { "mae", "mse", "mape" } },
        .. BusinessMetrics.Of(model).Select(m => m.Name), .. People,
    ];

    /// <summary>Values by name; what is not known yet is not there.</summary>
    public static IEnumerable<(string Metric, double Value)> Of(ModelDefinition model, JoinedPrediction prediction, IReadOnlyList<string>? classes, string ownHash)
    {
        if (prediction.Seen is { } seen) yield return ("seen", seen ? 1 : 0);
        if (prediction.Used is { } used)
        {
            yield return ("used", used ? 1 : 0);
            if (prediction.Seen == true) yield return ("accepted", used ? 1 : 0);
        }
        else if (prediction.Seen == true) yield return ("accepted", 0);

        if (prediction.Actual is not { } actual) yield break;
        if (model.Task == TaskKind.Regression)
        {
            if (Actuals.Number(actual) is not { } truth || prediction.Outputs is not [var answer] || !double.IsFinite(answer)) yield break;
            yield return ("mae", Math.Abs(answer - truth));
            yield return ("mse", (answer - truth) * (answer - truth));
            if (truth != 0) yield return ("mape", Math.Abs((answer - truth) / truth));
        }
        else
        {
            var name = model.Task == TaskKind.Binary ? actual.GetRawText() : actual.GetString()!;
            var right = string.Equals(name, prediction.Prediction, StringComparison.Ordinal) ? 1 : 0;
            yield return (Right, right);
            yield return (Accuracy, right);
            if (Probabilities(model.Task, prediction.Outputs) is { } p)
            {
                var label = model.Task == TaskKind.Binary ? (name == "true" ? 1 : 0) : classes is null ? -2 : classes.ToList().IndexOf(name);
                if (label > -2 && label < p.Length)
                {
                    yield return ("log-loss", RowLoss.LogLoss(label < 0 ? 0 : p[label]));
                    yield return ("brier", model.Task == TaskKind.Binary ? (p[1] - label) * (p[1] - label) : RowLoss.Brier(p, label));
                }
            }
        }

        if (prediction.Own is { } own && prediction.OwnHash == ownHash) foreach (var (metric, value) in own) if (double.IsFinite(value)) yield return (metric, value);
    }

    private static double[]? Probabilities(TaskKind task, double[] outputs) =>
        outputs.Length == 0 || !Array.TrueForAll(outputs, double.IsFinite) ? null : task == TaskKind.Binary ? [1 - outputs[0], outputs[0]] : outputs;
}
