using Serverless.Training;

namespace Serverless.Evaluation;

/// <summary>All that is found out about a candidate on its holdout: one section for each question, each in a file of its own.</summary>
internal sealed record EvaluationSections
{
    public required EvaluationMetrics Metrics { get; init; }

    public IReadOnlyDictionary<string, string>? Undefined { get; init; }

    public MetricIntervals? Intervals { get; init; }

    public CalibrationReport? Calibration { get; init; }

    public ConfusionMatrix? Confusion { get; init; }

    public ThresholdReport? Thresholds { get; init; }

    public BusinessReport? Business { get; init; }

    public static EvaluationSections Of(Holdout holdout, ThresholdChoice? choice, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var figures = new HoldoutFigures(holdout, holdout.Candidate);
        var metrics = new EvaluationMetrics
        {
            Candidate = Evaluation.Metrics.Of(holdout, holdout.Candidate, figures),
            Champion = holdout.Champion is { } champion ? Judge(holdout, champion) : null,
            Baseline = Judge(holdout, holdout.Baseline),
        };
        return new EvaluationSections
        {
            Metrics = metrics,
            Undefined = Evaluation.Metrics.Undefined(holdout, metrics.Candidate),
            Intervals = MetricIntervals.Of(holdout, metrics.Candidate, figures, cancel),
            Calibration = CalibrationReport.Of(holdout.Task, holdout.Candidate),
            Confusion = ConfusionMatrix.Of(holdout.Task, holdout.Candidate),
            Thresholds = ThresholdReport.Of(holdout, choice),
            Business = BusinessReport.Of(holdout, metrics),
        };
    }

    /// <summary>The result with every section in its place.</summary>
    public TrainingResult Into(TrainingResult result) => result with
    {
        Metrics = Metrics, Undefined = Undefined, Intervals = Intervals, Calibration = Calibration, Confusion = Confusion, Thresholds = Thresholds, Business = Business,
    };

    private static IReadOnlyDictionary<string, double> Judge(Holdout holdout, Answers answers) => Evaluation.Metrics.Of(holdout, answers, new HoldoutFigures(holdout, answers));
}
