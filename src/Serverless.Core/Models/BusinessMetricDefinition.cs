namespace Serverless.Models;

/// <summary>A figure of merit of the user's own: an expression over the columns of a row, what was predicted and what came true.</summary>
public sealed record BusinessMetricDefinition
{
    public required string Name { get; init; }

    /// <summary>A number for each row; reads columns of the dataset and <c>prediction</c>, <c>actual</c> and <c>probability</c>.</summary>
    public required ExpressionText Value { get; init; }

    public MetricAggregate Aggregate { get; init; } = MetricAggregate.Mean;

    public bool MoreIsBetter { get; init; }

    public string? Unit { get; init; }

    public string? Description { get; init; }
}

public enum MetricAggregate { Mean, Sum }

/// <summary>What a wrong answer costs (binary), in one unit for both. The threshold of the model is the one of least expected cost.</summary>
public sealed record CostDefinition(double FalsePositive, double FalseNegative)
{
    /// <summary>The threshold of least expected cost where probabilities are true. Source: C. Elkan, "The foundations of cost-sensitive learning" (2001).</summary>
    public double Threshold => FalsePositive / (FalsePositive + FalseNegative);
}
