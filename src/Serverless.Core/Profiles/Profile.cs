namespace Serverless.Profiles;

/// <summary>What a set of rows looks like, column by column. Figures that cannot be computed (mean of text) are null.</summary>
public sealed record Profile
{
    public int SchemaVersion { get; init; } = 1;

    public required long Rows { get; init; }

    public required IReadOnlyList<ColumnProfile> Columns { get; init; }
}

public sealed record ColumnProfile
{
    public required string Name { get; init; }

    /// <summary>integer, number, string, boolean or timestamp.</summary>
    public required string Type { get; init; }

    public required long Nulls { get; init; }

    /// <summary>Distinct values: exact up to 10,000, a HyperLogLog estimate above.</summary>
    public required long Distinct { get; init; }

    /// <summary>A number for numbers, text (ISO 8601 for timestamps) otherwise.</summary>
    public object? Min { get; init; }

    public object? Max { get; init; }

    public double? Mean { get; init; }

    /// <summary>Sample standard deviation (n - 1).</summary>
    public double? Stddev { get; init; }

    /// <summary>Quantiles by probability: "0.05", "0.25", "0.5", "0.75", "0.95".</summary>
    public IReadOnlyDictionary<string, double>? Quantiles { get; init; }

    /// <summary>The most frequent values, most frequent first.</summary>
    public IReadOnlyList<ValueCount>? Top { get; init; }
}

public sealed record ValueCount(string Value, long Count);
