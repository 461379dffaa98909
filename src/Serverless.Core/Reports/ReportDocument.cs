using Serverless.Checks;
using Serverless.Datasets;

namespace Serverless.Reports;

/// <summary>What a report page shows, in the order in which it shows it. It holds figures and names, never rows.</summary>
public sealed record ReportDocument
{
    /// <summary><c>flights</c>, or what was compared with what.</summary>
    public required string Title { get; init; }

    public string? Description { get; init; }

    public required DateTimeOffset GeneratedAt { get; init; }

    /// <summary>The answer in one line.</summary>
    public required ReportVerdict Verdict { get; init; }

    /// <summary>Short facts beside the title: rows, partitions, versions.</summary>
    public required IReadOnlyList<ReportFact> Facts { get; init; }

    /// <summary>Which periods there are, and how they are; null for files.</summary>
    public ReportCalendar? Calendar { get; init; }

    public IReadOnlyList<CheckResult> Checks { get; init; } = [];

    public IReadOnlyList<ReportSeries> Series { get; init; } = [];

    /// <summary>Sentences about changes at the source.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>What was compared with what, and with which thresholds; null when nothing was.</summary>
    public string? Comparison { get; init; }

    public IReadOnlyList<ReportColumn> Columns { get; init; } = [];
}

public sealed record ReportVerdict(ReportLevel Level, string Text);

public enum ReportLevel { Good, Warning, Bad }

public sealed record ReportFact(string Name, string Value);

/// <param name="Grain">Of the dataset's partitions.</param>
/// <param name="Periods">In order; those that should be there and are not, as well.</param>
public sealed record ReportCalendar(PartitionGrain Grain, IReadOnlyList<ReportPeriod> Periods);

/// <param name="Key">Key of the partition.</param>
/// <param name="Note">A sentence: which check failed.</param>
public sealed record ReportPeriod(string Key, ReportPeriodState State, long Rows, long Quarantined, string? Note);

public enum ReportPeriodState { Good, Warning, Failed, Missing }

/// <summary>A metric over the partitions.</summary>
public sealed record ReportSeries
{
    /// <summary>As series name it: <c>completeness(delay)</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What bounds the points, in words: the check's expectation or the anomaly strategy.</summary>
    public string? Bounds { get; init; }

    public required IReadOnlyList<ReportPoint> Points { get; init; }
}

/// <param name="Value">Null where it could not be computed.</param>
/// <param name="Lower">Least that was expected; null = no such bound.</param>
/// <param name="Upper">Most that was expected; null = no such bound.</param>
public sealed record ReportPoint(string Key, double? Value, double? Lower, double? Upper, bool Anomalous);

/// <summary>One column, now and before.</summary>
public sealed record ReportColumn
{
    public required string Name { get; init; }

    public required string Type { get; init; }

    /// <summary>Null when it was not compared.</summary>
    public ReportDrift? Drift { get; init; }

    /// <summary>Figures that people ask for: share missing, mean, median, most frequent.</summary>
    public IReadOnlyList<ReportFigure> Figures { get; init; } = [];

    public ReportDistribution? Distribution { get; init; }
}

/// <param name="Severity">none, possible or drift, or as the detector says.</param>
/// <param name="Note">Why there is no statistic, or what to know about it.</param>
public sealed record ReportDrift(string Method, double? Statistic, double? PValue, double? Threshold, bool Drifted, string Severity, string? Note);

/// <param name="Reference">Before; null when there is nothing to compare with.</param>
public sealed record ReportFigure(string Name, string? Reference, string Current);

/// <summary>Shares of the filled values in bins that both sides have in common.</summary>
/// <param name="Labels">Of the bins: categories, or intervals as text.</param>
/// <param name="Reference">Shares, 0 to 1; null when there is nothing to compare with.</param>
/// <param name="Current">Shares, 0 to 1.</param>
/// <param name="Ordered">True: bins are intervals of one axis. False: categories.</param>
public sealed record ReportDistribution(IReadOnlyList<string> Labels, IReadOnlyList<double>? Reference, IReadOnlyList<double> Current, bool Ordered);
