namespace Serverless.Drift;

/// <summary>What was measured in one column, before the thresholds and the correction for their number. Keeps no values: there may be thousands of columns.</summary>
internal sealed record ColumnFinding
{
    public required string Name { get; init; }

    /// <summary>As <see cref="DriftColumn.Type"/>.</summary>
    public required string Type { get; init; }

    /// <summary>One for most columns; several for timestamps and text.</summary>
    public required IReadOnlyList<PartFinding> Parts { get; init; }

    /// <summary>Whether the parts are more than the column itself.</summary>
    public required bool Derived { get; init; }

    public required MissingShares Missing { get; init; }

    public string? NotApplicable { get; init; }

    /// <summary>Not applicable because of the method that was asked for, not because of the values: the methods that would do.</summary>
    public IReadOnlyList<string>? InsteadOfMethod { get; init; }

    public DriftDistribution? Distribution { get; init; }

    public IReadOnlyList<UpstreamChange> Changes { get; init; } = [];
}

internal sealed record PartFinding(string Name, IDriftMethod? Method, DriftMeasure? Measure, double? Chance, string? NotApplicable);
