using Serverless.Training;

namespace Serverless.Evaluation;

/// <summary>All that is found out about a candidate on its holdout: one section for each question, each in a file of its own.</summary>
internal sealed record EvaluationSections
{
    public required EvaluationMetrics Metrics { get; init; }

    public CalibrationReport? Calibration { get; init; }

    public ConfusionMatrix? Confusion { get; init; }

    public static EvaluationSections Of(Holdout holdout, CancellationToken cancel)
    {
        IReadOnlyDictionary<string, double> Judge(Answers answers) => Evaluation.Metrics.Compute(holdout.Task, answers.Truth, answers.Outputs, answers.Classes.Count, answers.Threshold);
        cancel.ThrowIfCancellationRequested();
        return new EvaluationSections
        {
            Metrics = new EvaluationMetrics { Candidate = Judge(holdout.Candidate), Champion = holdout.Champion is { } champion ? Judge(champion) : null, Baseline = Judge(holdout.Baseline) },
            Calibration = CalibrationReport.Of(holdout.Task, holdout.Candidate),
            Confusion = ConfusionMatrix.Of(holdout.Task, holdout.Candidate),
        };
    }

    /// <summary>The result with every section in its place.</summary>
    public TrainingResult Into(TrainingResult result) => result with { Metrics = Metrics, Calibration = Calibration, Confusion = Confusion };
}
