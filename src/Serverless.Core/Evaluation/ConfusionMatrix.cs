using Serverless.Evaluation.Weighted;
using Serverless.Models;

namespace Serverless.Evaluation;

/// <summary>How often each class was taken for each: what <c>sklearn.metrics.confusion_matrix</c> gives.</summary>
public sealed record ConfusionMatrix
{
    private const int MostClasses = 100;

    /// <summary>Binary: probability above which the answer is true; null for multiclass.</summary>
    public double? Threshold { get; init; }

    /// <summary>Names of the rows and columns. Where the holdout has classes that training never saw, <see cref="Unseen"/> counts their rows.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Rows are the truth, columns the answer.</summary>
    public required IReadOnlyList<IReadOnlyList<long>> Counts { get; init; }

    /// <summary>Answers to rows of classes that training never saw; null when there are none.</summary>
    public IReadOnlyList<long>? Unseen { get; init; }

    /// <summary>Null for regression, answers that are not numbers, and more than 100 classes, which nobody reads.</summary>
    internal static ConfusionMatrix? Of(TaskKind task, Answers answers)
    {
        var classes = answers.Classes.Count;
        if (task == TaskKind.Regression || classes > MostClasses || Array.Exists(answers.Outputs, o => !double.IsFinite(o))) return null;
        var counts = new long[classes + 1][];
        for (var k = 0; k <= classes; k++) counts[k] = new long[classes];
        for (var i = 0; i < answers.Truth.Length; i++)
        {
            var answer = task == TaskKind.Binary ? (answers.Outputs[i] > answers.Threshold ? 1 : 0) : RowLoss.Best(answers.Outputs.AsSpan(i * classes, classes));
            counts[answers.Truth[i] < 0 ? classes : (int)answers.Truth[i]][answer]++;
        }

        return new ConfusionMatrix
        {
            Threshold = task == TaskKind.Binary ? answers.Threshold : null, Classes = answers.Classes, Counts = counts[..classes], Unseen = counts[classes].Any(c => c > 0) ? counts[classes] : null,
        };
    }
}
