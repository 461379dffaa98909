using Serverless.Models;

namespace Serverless.Evaluation;

/// <summary>A metric's name, and which way is better.</summary>
public sealed record MetricDescription(string Name, bool MoreIsBetter, string Description)
{
    /// <summary>What the holdout must have for the metric to be defined.</summary>
    internal string Needs { get; init; } = "rows and answers that are numbers";

    /// <summary>Multiclass: only with more classes than this.</summary>
    internal int MoreClassesThan { get; init; }

    internal bool Applies(int classes) => MoreClassesThan == 0 || classes > MoreClassesThan;
}

/// <summary>The metrics of each task: what the gate may name and what every run records.</summary>
public static class MetricCatalogue
{
    private const string BothClasses = "rows of both classes in the holdout";
    private const string TrueRows = "true rows in the holdout";

    private static readonly MetricDescription[] Binary =
    [
        new("auc", true, "Area under the ROC curve: chance that a true row scores above a false one, ties half.") { Needs = BothClasses },
        new("pr-auc", true, "Average precision over the recall steps.") { Needs = TrueRows },
        new("log-loss", false, "Mean negative log-likelihood, natural log, probabilities kept 2.2e-16 away from 0 and 1."),
        new("brier", false, "Mean squared difference of probability and outcome."),
        new("accuracy", true, "Share of right answers at the threshold."),
        new("precision", true, "Share of true among those predicted true; 0 when none is."),
        new("recall", true, "Share of predicted true among the true; 0 when none is."),
        new("f1", true, "Harmonic mean of precision and recall."),
        new("balanced-accuracy", true, "Mean of the recalls of the classes that occur."),
        new("specificity", true, "Share of predicted false among the false; 0 when none is."),
        new("f0.5", true, "F measure that weighs precision above recall (beta 0.5)."),
        new("f2", true, "F measure that weighs recall above precision (beta 2)."),
        new("mcc", true, "Matthews correlation of truth and answer, -1 to 1; 0 when either does not vary."),
        new("kappa", true, "Cohen's kappa: agreement beyond chance.") { Needs = "truth or answers that vary" },
        new("ece", false, "Expected calibration error, 10 equal-width bins."),
        new("ks", true, "Largest distance of the score distributions of the two classes (Kolmogorov-Smirnov).") { Needs = BothClasses },
        new("lift-10", true, "How many times more true rows than on average the best-scored tenth holds.") { Needs = TrueRows },
        new("gain-10", true, "Share of all true rows that the best-scored tenth holds.") { Needs = TrueRows },
    ];

    private static readonly MetricDescription[] Multiclass =
    [
        new("log-loss", false, "Mean negative log-likelihood of the true class, natural log."),
        new("accuracy", true, "Share of right answers (most probable class)."),
        new("macro-f1", true, "Mean over the classes of F1."),
        new("macro-precision", true, "Mean over the classes of precision."),
        new("macro-recall", true, "Mean over the classes of recall."),
        new("micro-precision", true, "Right answers among all answers."),
        new("micro-recall", true, "Right answers among the rows of classes that training saw.") { Needs = "rows of classes that training saw" },
        new("micro-f1", true, "Harmonic mean of micro precision and micro recall."),
        new("weighted-precision", true, "Mean of the classes' precision, weighted by their rows.") { Needs = "rows of classes that training saw" },
        new("weighted-recall", true, "Mean of the classes' recall, weighted by their rows.") { Needs = "rows of classes that training saw" },
        new("weighted-f1", true, "Mean of the classes' F1, weighted by their rows.") { Needs = "rows of classes that training saw" },
        new("balanced-accuracy", true, "Mean of the recalls of the classes that occur.") { Needs = "rows of classes that training saw" },
        new("auc-ovr", true, "Mean over the classes of the area under the ROC curve of the class against the rest.") { Needs = "rows of every class in the holdout (and at most 20,000,000 classes times rows)" },
        new("top-2-accuracy", true, "Share of rows whose class is among the two most probable.") { MoreClassesThan = 2 },
        new("top-3-accuracy", true, "Share of rows whose class is among the three most probable.") { MoreClassesThan = 3 },
        new("top-5-accuracy", true, "Share of rows whose class is among the five most probable.") { MoreClassesThan = 5 },
        new("mcc", true, "Matthews correlation of truth and answer (Gorodkin's R_K); 0 when either does not vary."),
        new("kappa", true, "Cohen's kappa: agreement beyond chance.") { Needs = "truth or answers that vary" },
        new("brier", false, "Mean over rows of the squared difference of probabilities and outcome, summed over the classes: 0 to 2."),
        new("ece", false, "Expected calibration error of the answer's probability, 10 equal-width bins."),
    ];

    private static readonly MetricDescription[] Regression =
    [
        new("rmse", false, "Root of the mean squared error, in the label's unit."),
        new("mae", false, "Mean absolute error, in the label's unit."),
        new("r2", true, "Share of the variance that is explained; left out when the labels do not vary.") { Needs = "labels that vary" },
        new("mape", false, "Mean absolute error relative to the label, as a fraction; left out when a label is zero.") { Needs = "labels that are not zero" },
        new("mse", false, "Mean squared error, in the square of the label's unit."),
        new("median-ae", false, "Median absolute error, in the label's unit."),
        new("smape", false, "Mean of 2 |error| / (|label| + |answer|), 0 to 2; 0 where both are zero."),
        new("rmsle", false, "Root of the mean squared error of log(1 + value).") { Needs = "labels and answers that are not negative" },
        new("max-error", false, "The largest absolute error, in the label's unit."),
        new("explained-variance", true, "As r2, but a constant error costs nothing.") { Needs = "labels that vary" },
        new("poisson-deviance", false, "Mean Poisson deviance.") { Needs = "labels that are not negative and answers above zero" },
    ];

    /// <summary>Metrics of a task; the first is the default of its gate.</summary>
    public static IReadOnlyList<MetricDescription> Of(TaskKind task) => task switch
    {
        TaskKind.Binary => Binary,
        TaskKind.Multiclass => Multiclass,
        _ => Regression,
    };

    /// <summary>Metrics of a model: those of its task, then its own.</summary>
    public static IReadOnlyList<MetricDescription> Of(ModelDefinition model) => [.. Of(model.Task), .. BusinessMetrics.Of(model).Select(m => new MetricDescription(m.Name, m.MoreIsBetter, m.Description ?? m.Value.Text))];

    public static MetricDescription? Find(TaskKind task, string name) => Of(task).FirstOrDefault(m => m.Name == name);

    public static MetricDescription? Find(ModelDefinition model, string name) => Of(model).FirstOrDefault(m => m.Name == name);

    public static MetricDescription Default(TaskKind task) => Of(task)[0];
}
