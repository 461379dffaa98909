using Serverless.Evaluation;
using Serverless.Fairness;
using Serverless.Gating;
using Serverless.Registry;
using Serverless.Scoring;

namespace Serverless.Training;

/// <summary>
/// All that a training found, stored as <c>runs/&lt;run&gt;/training.json</c> after its model.zip: with it, the training need not be repeated if the process dies before
/// the model is registered.
/// </summary>
public sealed record TrainingResult
{
    public int SchemaVersion { get; init; } = 1;

    public required string Run { get; init; }

    public required string Trainer { get; init; }

    public required ModelSchema Schema { get; init; }

    public required Lineage Lineage { get; init; }

    public required RunEnvironment Environment { get; init; }

    public required EvaluationMetrics Metrics { get; init; }

    /// <summary>Where early stopping stopped; null when it was not asked for.</summary>
    public StoppedEarly? Stopping { get; init; }

    /// <summary>The champion that was compared, and why it could not be where it could not.</summary>
    public int? Champion { get; init; }

    public string? ChampionSkipped { get; init; }

    /// <summary>What was found about the data that did not stop the training, such as a column that newer partitions no longer fill; null when nothing was.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    public required long TrainRows { get; init; }

    public required long HoldoutRows { get; init; }

    /// <summary>Rows of the window that have no label.</summary>
    public required long UnlabelledRows { get; init; }

    /// <summary>Seconds by stage.</summary>
    public required IReadOnlyDictionary<string, double> Timings { get; init; }

    // What was found out on the holdout, a section for each question; null where it does not apply, and in results of older versions.

    /// <summary>Metrics that are not defined on this holdout, each with the reason; null when all are.</summary>
    public IReadOnlyDictionary<string, string>? Undefined { get; init; }

    public MetricIntervals? Intervals { get; init; }

    public CalibrationReport? Calibration { get; init; }

    public ConfusionMatrix? Confusion { get; init; }

    /// <summary>What the gate judges besides the metrics.</summary>
    public GateEvidence? Gate { get; init; }

    /// <summary>Answers by group, where the model file names groups.</summary>
    public FairnessReport? Fairness { get; init; }

    public ThresholdReport? Thresholds { get; init; }

    public BusinessReport? Business { get; init; }
}

/// <summary>Candidate, champion and baseline on one holdout, stored by themselves as <c>metrics.json</c>: the same inputs give the same bytes.</summary>
public sealed record EvaluationMetrics
{
    public int SchemaVersion { get; init; } = 1;

    public required IReadOnlyDictionary<string, double> Candidate { get; init; }

    public IReadOnlyDictionary<string, double>? Champion { get; init; }

    public IReadOnlyDictionary<string, double>? Baseline { get; init; }
}

/// <summary>Where a training ran.</summary>
/// <param name="Library">The trainer's own library and version, where it has one.</param>
public sealed record RunEnvironment(string Os, int Cpus, string DotNet, string? Library);
