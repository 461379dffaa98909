using Serverless.Models;

namespace Serverless.Evaluation;

/// <summary>A metric's name, and which way is better.</summary>
public sealed record MetricDescription(string Name, bool MoreIsBetter, string Description);

/// <summary>The metrics of each task: what the gate may name and what every run records.</summary>
public static class MetricCatalogue
{
    private static readonly MetricDescription[] Binary =
    [
        new("auc", true, "Area under the ROC curve: chance that a true row scores above a false one, ties half."),
        new("pr-auc", true, "Average precision over the recall steps."),
        new("log-loss", false, "Mean negative log-likelihood, natural log, probabilities kept within 1e-15 of 0 and 1."),
        new("brier", false, "Mean squared difference of probability and outcome."),
        new("accuracy", true, "Share of right answers at the threshold."),
        new("precision", true, "Share of true among those predicted true; 0 when none is."),
        new("recall", true, "Share of predicted true among the true; 0 when none is."),
        new("f1", true, "Harmonic mean of precision and recall."),
    ];

    private static readonly MetricDescription[] Multiclass =
    [
        new("log-loss", false, "Mean negative log-likelihood of the true class, natural log."),
        new("accuracy", true, "Share of right answers (most probable class)."),
        new("macro-f1", true, "Mean over the classes of F1."),
    ];

    private static readonly MetricDescription[] Regression =
    [
        new("rmse", false, "Root of the mean squared error, in the label's unit."),
        new("mae", false, "Mean absolute error, in the label's unit."),
        new("r2", true, "Share of the variance that is explained; left out when the labels do not vary."),
        new("mape", false, "Mean absolute error relative to the label, as a fraction; left out when a label is zero."),
    ];

    /// <summary>Metrics of a task; the first is the default of its gate.</summary>
    public static IReadOnlyList<MetricDescription> Of(TaskKind task) => task switch
    {
        TaskKind.Binary => Binary,
        TaskKind.Multiclass => Multiclass,
        _ => Regression,
    };

    public static MetricDescription? Find(TaskKind task, string name) => Of(task).FirstOrDefault(m => m.Name == name);

    public static MetricDescription Default(TaskKind task) => Of(task)[0];
}
