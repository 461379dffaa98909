namespace Serverless.Models;

/// <summary>The section <c>outliers</c> of a model file: rows that are unlike what the model learned from are flagged with their prediction, and never refused.</summary>
public sealed record OutliersDefinition
{
    public const double DefaultContamination = 0.01;

    /// <summary>Share of the training rows whose score is to count as unusual, in (0, 0.5]: it sets the threshold.</summary>
    public double Contamination { get; init; } = DefaultContamination;

    /// <summary>Trees of the isolation forest; 0 = none, and only ranges and categories are looked at.</summary>
    public int Trees { get; init; } = 100;

    /// <summary>Rows that each tree sees.</summary>
    public int Sample { get; init; } = 256;

    /// <summary>A category in a smaller share of the training rows counts as rare.</summary>
    public double Rare { get; init; } = 0.0001;

    /// <summary>Share of flagged predictions above which monitoring tells; null = five times <see cref="Contamination"/>, and at least 0.02.</summary>
    public double? Limit { get; init; }

    public double LimitOrDefault => Limit ?? Math.Max(0.02, 5 * Contamination);
}
