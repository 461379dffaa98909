namespace Serverless.Models;

/// <summary>By which groups a model's answers are compared, as the section <c>fairness</c> of the model file states it.</summary>
public sealed record FairnessDefinition
{
    public const int DefaultMinRows = 30;

    public required IReadOnlyList<GroupDefinition> Groups { get; init; }

    /// <summary>A rate over fewer rows is shown with its count and not compared.</summary>
    public int MinRows { get; init; } = DefaultMinRows;

    public double Confidence { get; init; } = 0.95;

    public int Line { get; init; }
}

/// <summary>Rows with the same value of an expression are a group. Its columns need not be features.</summary>
public sealed record GroupDefinition(string Name, ExpressionText By);
