using Serverless.Datasets;
using Serverless.Partitions;

namespace Serverless.Series;

/// <summary>One metric of a dataset over its periods, oldest first.</summary>
public sealed record MetricSeries
{
    public required string Dataset { get; init; }

    /// <summary>As metrics are named: <c>completeness(delay)</c>.</summary>
    public required string Metric { get; init; }

    public required PartitionGrain Grain { get; init; }

    /// <summary>One for each period that has a current partition, ordered by period.</summary>
    public required IReadOnlyList<SeriesPoint> Points { get; init; }

    /// <summary>Runs of periods between the first and the last point for which there is no partition.</summary>
    public IReadOnlyList<SeriesGap> Gaps { get; init; } = [];
}

/// <summary>A metric in one period.</summary>
public sealed record SeriesPoint
{
    /// <summary>Key of the partition: <c>2001-01-05</c>.</summary>
    public required string Period { get; init; }

    /// <summary>Id of the partition; the newest where several drops brought rows of one period.</summary>
    public required string Partition { get; init; }

    /// <summary>Null when the figure does not apply, was not computed then, or is not finite.</summary>
    public double? Value { get; init; }

    /// <summary>Why there is no value.</summary>
    public string? Reason { get; init; }
}

/// <param name="From">The first missing period.</param>
/// <param name="To">The last.</param>
public sealed record SeriesGap(string From, string To, int Periods);

/// <summary>Which points are wanted.</summary>
public sealed record MetricQuery
{
    /// <summary>The dataset as it was then; null = now.</summary>
    public AsOf? AsOf { get; init; }

    /// <summary>The first period, or the beginning of its key (<c>2001-02</c>); null = from the first.</summary>
    public string? From { get; init; }

    /// <summary>The last period, or the beginning of its key; null = to the last.</summary>
    public string? To { get; init; }
}

/// <summary>Reads figures of stored partitions as series. Reads the reports that lie beside the partitions, never their rows.</summary>
public interface IMetricHistory
{
    /// <summary>The series of the named metrics, in their order.</summary>
    /// <exception cref="Problems.RequestException">The dataset, a figure or a column does not exist.</exception>
    Task<IReadOnlyList<MetricSeries>> ReadAsync(string dataset, IReadOnlyList<string> metrics, MetricQuery? query = null, CancellationToken cancel = default);

    /// <summary>The metrics worth looking at first: size, quarantined share, and those that checks and anomaly rules of the dataset file name.</summary>
    IReadOnlyList<string> Usual(string dataset);
}
