using Serverless.Models;
using Serverless.Training;

namespace Serverless.Evaluation;

/// <summary>What the model's own metrics say of candidate, champion and baseline.</summary>
public sealed record BusinessReport
{
    public required IReadOnlyList<BusinessFigure> Metrics { get; init; }

    internal static BusinessReport? Of(Holdout holdout, EvaluationMetrics metrics)
    {
        var figures = holdout.Candidate.Own.Values.Select(own => new BusinessFigure
        {
            Name = own.Metric.Name, Expression = own.Metric.Value.Text, Aggregate = own.Metric.Aggregate, MoreIsBetter = own.Metric.MoreIsBetter, Unit = own.Metric.Unit,
            Candidate = Of(metrics.Candidate, own.Metric.Name), Champion = Of(metrics.Champion, own.Metric.Name), Baseline = Of(metrics.Baseline, own.Metric.Name),
            Rows = own.Values.Count(v => !double.IsNaN(v)), MissingRows = own.Values.Count(double.IsNaN) - own.Wrong, NotNumberRows = own.Wrong,
        }).ToArray();
        return figures.Length == 0 ? null : new BusinessReport { Metrics = figures };
    }

    private static double? Of(IReadOnlyDictionary<string, double>? metrics, string name) => metrics is not null && metrics.TryGetValue(name, out var value) ? value : null;
}

/// <summary>One metric of the user's own.</summary>
public sealed record BusinessFigure
{
    public required string Name { get; init; }

    public required string Expression { get; init; }

    public required MetricAggregate Aggregate { get; init; }

    public required bool MoreIsBetter { get; init; }

    public string? Unit { get; init; }

    /// <summary>Null where no row has a value.</summary>
    public double? Candidate { get; init; }

    public double? Champion { get; init; }

    public double? Baseline { get; init; }

    /// <summary>Rows of the holdout that have a value.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows left out, because a column that the expression reads is missing there.</summary>
    public required long MissingRows { get; init; }

    /// <summary>Rows for which the expression gives no number, though it has all it reads: with one of them the metric is not defined.</summary>
    public long NotNumberRows { get; init; }
}
