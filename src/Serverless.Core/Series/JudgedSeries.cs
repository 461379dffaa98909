using Serverless.Datasets;
using Serverless.Series.Anomalies;

namespace Serverless.Series;

/// <summary>A series with what the dataset's anomaly rules say of each point.</summary>
public sealed record JudgedSeries
{
    public required string Metric { get; init; }

    public required PartitionGrain Grain { get; init; }

    public required IReadOnlyList<JudgedPoint> Points { get; init; }

    public IReadOnlyList<SeriesGap> Gaps { get; init; } = [];

    /// <summary>The newest point that was asked for is anomalous by some rule.</summary>
    public bool Anomalous => Points.Count > 0 && Points[^1].Anomalous;
}

public sealed record JudgedPoint
{
    public required string Period { get; init; }

    public required string Partition { get; init; }

    public double? Value { get; init; }

    /// <summary>Why there is no value.</summary>
    public string? Reason { get; init; }

    /// <summary>Some rule says so.</summary>
    public required bool Anomalous { get; init; }

    /// <summary>One for each rule of the metric, with the bounds that it computed.</summary>
    public IReadOnlyList<AnomalyResult> Results { get; init; } = [];
}

/// <summary>Which series and points are wanted.</summary>
public sealed record JudgedQuery
{
    /// <summary>Empty = those worth looking at first (<see cref="IMetricHistory.Usual"/>).</summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>The first period that is shown, or the beginning of its key. Points before it are still what the others are judged against.</summary>
    public string? From { get; init; }

    /// <summary>The last period that is shown, or the beginning of its key.</summary>
    public string? To { get; init; }

    /// <summary>Only periods behind this one: the last of the page before.</summary>
    public string? After { get; init; }

    /// <summary>At most so many periods; null = all.</summary>
    public int? Limit { get; init; }

    /// <summary>A strategy to try on every metric, in place of the rules of the dataset file.</summary>
    public AnomalyDefinition? Try { get; init; }

    /// <summary>With <see cref="Try"/>: judge these periods together against those before and after them, instead of each against those before it.</summary>
    public (string From, string To)? Search { get; init; }
}

/// <param name="Next">The value of <see cref="JudgedQuery.After"/> for the next page; null on the last.</param>
public sealed record JudgedPage(IReadOnlyList<JudgedSeries> Series, string? Next);
