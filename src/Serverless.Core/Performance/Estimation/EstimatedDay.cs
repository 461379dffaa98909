namespace Serverless.Performance;

/// <summary>What was to be expected of the predictions of one day (UTC), before their labels came.</summary>
public sealed record EstimatedDay
{
    public int SchemaVersion { get; init; } = 1;

    public required string Model { get; init; }

    public required DateOnly Day { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Of the files of the prediction log that it was made from.</summary>
    public required string Source { get; init; }

    public required IReadOnlyList<EstimatedGroup> Groups { get; init; }
}

/// <summary>Predictions of one version in one part.</summary>
public sealed record EstimatedGroup
{
    public required int Version { get; init; }

    public required string Variant { get; init; }

    public required int Rows { get; init; }

    /// <summary><c>cbpe</c> or <c>dle</c>; null where nothing could be estimated, for the reason in <see cref="Note"/>.</summary>
    public string? Method { get; init; }

    public IReadOnlyDictionary<string, EstimatedValue> Metrics { get; init; } = new Dictionary<string, EstimatedValue>();

    /// <summary>Expected rows: truth by answer, in the order of the version's classes; null for regression.</summary>
    public double[][]? Confusion { get; init; }

    /// <summary>Share of answers where the reference has hardly any.</summary>
    public double? Outside { get; init; }

    public string? Note { get; init; }
}
