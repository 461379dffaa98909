using Serverless.Datasets;
using Serverless.Evaluation.Weighted;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Statistics;
using Serverless.Training;

namespace Serverless.Evaluation;

/// <summary>The rows that a training is judged on, with what candidate, champion and baseline answer to them. Everything that is said of a candidate is computed from this, once.</summary>
internal sealed record Holdout
{
    public required ModelDefinition Model { get; init; }

    /// <summary>The rows of the window; those of the holdout are <see cref="Rows"/>.</summary>
    public required Table Table { get; init; }

    /// <summary>Row numbers within <see cref="Table"/>, in the order of the table. All arrays below are in this order.</summary>
    public required int[] Rows { get; init; }

    /// <summary>.NET ticks, UTC, of each row.</summary>
    public required long[] Ticks { get; init; }

    /// <summary>Name of the true class of each row, also where training never saw it; null but for multiclass.</summary>
    public string[]? ClassNames { get; init; }

    public required Answers Candidate { get; init; }

    /// <summary>Null when there is none, or none that can be compared.</summary>
    public Answers? Champion { get; init; }

    /// <summary>The share of true, the shares of the classes or the mean of the training rows.</summary>
    public required Answers Baseline { get; init; }

    /// <summary>Rows that the candidate learned from.</summary>
    public required long TrainRows { get; init; }

    public TaskKind Task => Model.Task;

    public int Count => Rows.Length;

    public int Seed => Model.Trainer.Seed;

    /// <summary>The holdout with <see cref="Answers.Own"/> filled for each model.</summary>
    public Holdout WithOwn(CancellationToken cancel) => this with
    {
        Candidate = Candidate with { Own = BusinessMetrics.Values(this, Candidate, cancel) },
        Champion = Champion is { } champion ? champion with { Own = BusinessMetrics.Values(this, champion, cancel) } : null,
        Baseline = Baseline with { Own = BusinessMetrics.Values(this, Baseline, cancel) },
    };

    /// <summary>A metric of the model, by name, over weighted rows of the holdout; null for a name that it does not have.</summary>
    public IWeightedFigure? Figure(string metric, Answers answers) =>
        answers.Own.TryGetValue(metric, out var own) ? own
        : WeightedMetric.Of(Task, metric, answers.Truth, answers.Outputs, answers.Classes.Count, answers.Threshold);
}

/// <summary>What one model answers to the rows of a holdout.</summary>
internal sealed record Answers
{
    /// <summary>Binary: 0 or 1. Multiclass: index into <see cref="Classes"/>, -1 for a class that this model never saw. Regression: the value.</summary>
    public required double[] Truth { get; init; }

    /// <summary>As the predictor gives them, row after row; multiclass has as many for each row as there are classes.</summary>
    public required double[] Outputs { get; init; }

    /// <summary>This model's classes: <c>false, true</c> for binary, empty for regression.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Binary: probability above which the answer is true.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>The model file's own metrics by name.</summary>
    public IReadOnlyDictionary<string, BusinessWeighted> Own { get; init; } = new Dictionary<string, BusinessWeighted>();

    public required IPredictor Predictor { get; init; }

    /// <summary>What the predictor was given.</summary>
    public required FeatureMatrix Features { get; init; }
}
