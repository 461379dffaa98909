using Serverless.Datasets;

namespace Serverless.Models;

/// <summary>One named feature: an expression over raw columns, and how its value becomes numbers.</summary>
public sealed record FeatureDefinition
{
    public required string Name { get; init; }

    public required ExpressionText From { get; init; }

    public FeatureEncoding Encode { get; init; } = FeatureEncoding.Auto;

    public MissingHandling Missing { get; init; } = MissingHandling.Auto;

    /// <summary>With <see cref="MissingHandling.Value"/>: the number that stands in for a missing value, on the scale of the expression.</summary>
    public double? MissingValue { get; init; }

    /// <summary>One slot more: 1 where the value counts as missing, else 0.</summary>
    public bool Indicator { get; init; }

    public FeatureScale Scale { get; init; } = FeatureScale.Auto;

    public LogScale Log { get; init; } = LogScale.None;

    /// <summary>What the file asks to look up instead of an expression; null = <see cref="From"/> is one.</summary>
    public FeatureViews.LookupRequest? Request { get; init; }

    /// <summary>What is looked up into the input column of the feature's name; null = <see cref="From"/> reads the dataset's columns.</summary>
    public FeatureViews.LookupDefinition? Lookup { get; init; }

    /// <summary>What only some encodings know (buckets, edges, period, ...), as written.</summary>
    public IReadOnlyDictionary<string, Parameter> Settings { get; init; } = new Dictionary<string, Parameter>();
}

public enum FeatureEncoding
{
    /// <summary>Numbers stay numbers; text is a category.</summary>
    Auto,

    /// <summary>A number as it is.</summary>
    Number,

    /// <summary>The trainer's own handling of categories where it has one, else as one-hot.</summary>
    Category,

    /// <summary>One 0/1 column for each category seen in training; all zero for one never seen.</summary>
    OneHot,

    /// <summary>A category by the hash of its value: any number of values in a fixed number of buckets, also values never seen.</summary>
    Hash,

    /// <summary>A number as the interval in which it lies.</summary>
    Bins,

    /// <summary>Sine and cosine of where a number or a time stands in its period, so that the end lies beside the beginning.</summary>
    Cyclic,

    /// <summary>Counts of the n-grams of a text.</summary>
    Text,
}

public enum MissingHandling
{
    /// <summary>Kept where the trainer knows missing values (trees) and training met some; the training mean elsewhere. A missing category is all-zero.</summary>
    Auto,

    /// <summary>Kept as NaN; an error for trainers that cannot take it.</summary>
    Keep,

    Mean,

    Median,

    /// <summary>The value that most training rows have; the smaller one where two are equally frequent.</summary>
    MostFrequent,

    /// <summary>Missing is a category of its own.</summary>
    Category,

    /// <summary>A constant.</summary>
    Value,
}

public enum FeatureScale
{
    /// <summary>Standard where the trainer learns better from it, else none.</summary>
    Auto,

    None,

    /// <summary>Mean 0, deviation 1 (of the population).</summary>
    Standard,

    /// <summary>The smallest training value is 0, the largest 1; later values may lie outside.</summary>
    MinMax,

    /// <summary>Median 0, interquartile range 1.</summary>
    Robust,
}

public enum LogScale
{
    None,

    /// <summary>ln(1 + x) for x from 0; a negative value counts as missing.</summary>
    Natural,

    /// <summary>sign(x) ln(1 + |x|) for any x.</summary>
    Signed,
}
