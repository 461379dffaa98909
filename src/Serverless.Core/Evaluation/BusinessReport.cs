using Serverless.Models;

namespace Serverless.Evaluation;

/// <summary>What the model's own metrics say of candidate, champion and baseline.</summary>
public sealed record BusinessReport
{
    public required IReadOnlyList<BusinessFigure> Metrics { get; init; }

    internal static BusinessReport? Of(Holdout holdout, IReadOnlyDictionary<string, double[]> candidate, EvaluationMetricsView metrics)
    {
        var figures = BusinessMetrics.Of(holdout.Model).Select(m => new BusinessFigure
        {
            Name = m.Name, Expression = m.Value.Text, Aggregate = m.Aggregate, MoreIsBetter = m.MoreIsBetter, Unit = m.Unit,
            Candidate = metrics.Of(metrics.Candidate, m.Name), Champion = metrics.Of(metrics.Champion, m.Name), Baseline = metrics.Of(metrics.Baseline, m.Name),
            Rows = candidate[m.Name].Count(v => !double.IsNaN(v)), MissingRows = candidate[m.Name].Count(double.IsNaN),
        }).ToArray();
        return figures.Length == 0 ? null : new BusinessReport { Metrics = figures };
    }
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
}
