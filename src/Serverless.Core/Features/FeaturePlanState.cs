using System.Text.Json.Serialization;
using Serverless.Datasets;

namespace Serverless.Features;

/// <summary>A fitted feature plan as it is stored: enough to turn raw rows into the same floats again.</summary>
public sealed record FeaturePlanState
{
    public required IReadOnlyList<RawColumn> Inputs { get; init; }

    public required IReadOnlyList<FittedFeature> Features { get; init; }

    /// <summary>Own functions that expressions call, with the versions that training used; null when none.</summary>
    public IReadOnlyList<FunctionVersion>? Functions { get; init; }

    /// <summary>Floats of a row: features may fill several.</summary>
    public int SlotCount() => Features.Sum(f => FeatureEncoders.Slots(f).Count);

    /// <summary>The first version of <c>pipeline.json</c> that can hold this: an older program must not read a model as if it were simpler than it is.</summary>
    internal int SchemaVersion() => Functions is null && Features.All(f => f is { Encode: null, Log: null, Indicator: false, MissingCategory: false } && (f.Categories is null || f.Fill is null)) ? 1 : 2;
}

/// <summary>An own function as a model was trained with it.</summary>
public sealed record FunctionVersion(string Name, int Version);

/// <summary>One feature with what training found out about it.</summary>
public sealed record FittedFeature
{
    public required string Name { get; init; }

    /// <summary>Expression over the raw columns.</summary>
    public required string From { get; init; }

    /// <summary>Name of the encoder; null = a category where there are <see cref="Categories"/>, else a number.</summary>
    public string? Encode { get; init; }

    /// <summary>A number's logarithm, taken before everything else: <c>natural</c> or <c>signed</c>.</summary>
    public string? Log { get; init; }

    /// <summary>Stands in for a missing value (after <see cref="Log"/>; of a category: its index); null = stays missing (NaN).</summary>
    public double? Fill { get; init; }

    /// <summary>Subtracted, before the division by <see cref="Scale"/>; null when the feature is not scaled.</summary>
    public double? Mean { get; init; }

    public double? Scale { get; init; }

    /// <summary>Values seen in training, in ordinal (text) or numeric order; a category's index in its slot. Null for a number.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>A category that is 0/1 columns to the trainer.</summary>
    public bool OneHot { get; init; }

    /// <summary>Missing is one category more, the last.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MissingCategory { get; init; }

    /// <summary>One slot more, the last: 1 where the value counts as missing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Indicator { get; init; }

    /// <summary>Bins: inner edges, ascending; bin i holds edge i-1 &lt;= x &lt; edge i.</summary>
    public IReadOnlyList<double>? Edges { get; init; }

    /// <summary>Hash and text: number of buckets.</summary>
    public int? Buckets { get; init; }

    /// <summary>Cyclic: a number's period, or parts of a time (hour, day, week, month, year).</summary>
    public IReadOnlyList<string>? Periods { get; init; }

    public FittedText? Text { get; init; }
}

/// <summary>How a text is cut and counted.</summary>
public sealed record FittedText
{
    /// <summary>Character n-grams instead of words.</summary>
    public required bool Characters { get; init; }

    /// <summary>Shortest n-gram.</summary>
    public required int From { get; init; }

    /// <summary>Longest n-gram.</summary>
    public required int To { get; init; }

    /// <summary>N-grams that are counted, in ordinal order; null where they are hashed.</summary>
    public IReadOnlyList<string>? Vocabulary { get; init; }

    /// <summary>Weight of each slot's count; null where counts stay as they are.</summary>
    public IReadOnlyList<double>? Idf { get; init; }
}
