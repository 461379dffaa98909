using Serverless.Datasets;

namespace Serverless.Features;

/// <summary>A fitted feature plan as it is stored: enough to turn raw rows into the same floats again.</summary>
public sealed record FeaturePlanState
{
    public required IReadOnlyList<RawColumn> Inputs { get; init; }

    public required IReadOnlyList<FittedFeature> Features { get; init; }
}

/// <summary>One feature with what training found out about it.</summary>
public sealed record FittedFeature
{
    public required string Name { get; init; }

    /// <summary>Expression over the raw columns.</summary>
    public required string From { get; init; }

    /// <summary>Stands in for a missing value; null = stays missing (NaN).</summary>
    public double? Fill { get; init; }

    /// <summary>Subtracted, before the division by <see cref="Scale"/>; null when the feature is not scaled.</summary>
    public double? Mean { get; init; }

    public double? Scale { get; init; }

    /// <summary>Values seen in training, in ordinal (text) or numeric order; a category's index in its slot. Null for a number.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>A category that is 0/1 columns to the trainer.</summary>
    public bool OneHot { get; init; }
}
