using System.Text.Json.Serialization;

namespace Serverless.Profiles;

/// <summary>What a set of rows looks like, column by column. Figures that cannot be computed (mean of text) are null.</summary>
public sealed record Profile
{
    /// <summary>2 since profiles carry their states.</summary>
    public const int Newest = 2;

    public int SchemaVersion { get; init; } = Newest;

    public required long Rows { get; init; }

    public required IReadOnlyList<ColumnProfile> Columns { get; init; }

    /// <summary>What the figures follow from, column by column: it merges with that of other rows. Null in profiles of version 1.</summary>
    public IReadOnlyList<ColumnState>? States { get; init; }

    /// <summary>The states together; null in profiles of version 1.</summary>
    [JsonIgnore]
    public ProfileState? State => States is null ? null : new ProfileState(Rows, States);
}

public sealed record ColumnProfile
{
    public required string Name { get; init; }

    /// <summary>integer, number, string, boolean or timestamp.</summary>
    public required string Type { get; init; }

    public required long Nulls { get; init; }

    /// <summary>Distinct values: exact up to 10,000, a HyperLogLog estimate above (see <see cref="DistinctError"/>).</summary>
    public required long Distinct { get; init; }

    /// <summary>A number for numbers, text (ISO 8601 for timestamps) otherwise.</summary>
    public object? Min { get; init; }

    public object? Max { get; init; }

    public double? Mean { get; init; }

    /// <summary>Sample standard deviation (n - 1).</summary>
    public double? Stddev { get; init; }

    /// <summary>Quantiles by probability: "0.05", "0.25", "0.5", "0.75", "0.95". Of timestamps in seconds since 1970, UTC.</summary>
    public IReadOnlyDictionary<string, double>? Quantiles { get; init; }

    /// <summary>The most frequent values, most frequent first.</summary>
    public IReadOnlyList<ValueCount>? Top { get; init; }

    /// <summary>How the values of a number or timestamp are spread.</summary>
    public Histogram? Histogram { get; init; }

    /// <summary>Of text: how many characters (code points) the values have.</summary>
    public LengthProfile? Lengths { get; init; }

    /// <summary>Of a boolean: how many are true.</summary>
    public long? Trues { get; init; }

    /// <summary>Where quantiles and histogram are estimates: by which share of the values a rank may be off, 99 % confidence. Null = exact.</summary>
    public double? RankError { get; init; }

    /// <summary>Where the number of distinct values is an estimate: its relative standard error. Null = exact.</summary>
    public double? DistinctError { get; init; }

    /// <summary>Where the counts of the most frequent values are lower bounds: by how much they may be too small. Null = exact.</summary>
    public long? TopError { get; init; }
}

/// <summary>Lengths of texts in characters (code points).</summary>
public sealed record LengthProfile(long Min, long Max, double Mean, IReadOnlyDictionary<string, double> Quantiles);

public sealed record ValueCount(string Value, long Count);
