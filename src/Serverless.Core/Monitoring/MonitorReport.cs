using Serverless.Drift;
using Serverless.Drift.Shape;

namespace Serverless.Monitoring;

/// <summary>How data of one window differ from those of another, for a dataset or a model. Stored as <c>runs/&lt;run&gt;/drift.json</c>.</summary>
public sealed record MonitorReport
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Null when nothing was stored (<c>drift DATASET</c>).</summary>
    public string? Run { get; init; }

    public required string Dataset { get; init; }

    public string? Model { get; init; }

    /// <summary>The version whose reference it is.</summary>
    public int? Version { get; init; }

    public required DateTimeOffset At { get; init; }

    public required MonitorBasis Basis { get; init; }

    public required WindowFacts Reference { get; init; }

    public required WindowFacts Current { get; init; }

    /// <summary>The data, the predictions or the labels drifted; <see cref="Reasons"/> says which.</summary>
    public required bool Drifted { get; init; }

    /// <summary>One for each thing that drifted as a whole; empty when nothing did.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Share of the compared columns that drifted.</summary>
    public required double Share { get; init; }

    public required double ShareThreshold { get; init; }

    public required string Method { get; init; }

    public required IReadOnlyList<DriftColumn> Columns { get; init; }

    public required PValueCorrection Correction { get; init; }

    public required int CorrectedTests { get; init; }

    public IReadOnlyList<string> OnlyInReference { get; init; } = [];

    public IReadOnlyList<string> OnlyInCurrent { get; init; } = [];

    public IReadOnlyList<UpstreamChange> UpstreamChanges { get; init; } = [];

    /// <summary>All columns together. It decides when its method was asked for, else it is for information.</summary>
    public DatasetDrift? Multivariate { get; init; }

    /// <summary>What the champion says of the current rows, against what it said of its holdout.</summary>
    public DriftColumn? Prediction { get; init; }

    /// <summary>The predictions that the champion really gave, from its log, against what it said of its holdout; null when it gave none lately.</summary>
    public DriftColumn? Served { get; init; }

    public long? ServedRows { get; init; }

    /// <summary>Of the predictions that the champion gave lately, those of rows unlike what it learned from; null where it does not look for them, or gave none.</summary>
    public OutlierShare? Outliers { get; init; }

    /// <summary>The labels of the current rows against those of the reference; null when no current row has one.</summary>
    public DriftColumn? Label { get; init; }

    /// <summary>How the drifted columns moved over the partitions: column to the shape of its distance from the reference.</summary>
    public IReadOnlyDictionary<string, DriftShape> Shapes { get; init; } = new Dictionary<string, DriftShape>();

    /// <summary>What else a reader should know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The comparison of the columns by itself.</summary>
    public DriftReport Data() => new()
    {
        Drifted = Drifted, Share = Share, ShareThreshold = ShareThreshold, Method = Method, Columns = Columns, Correction = Correction, CorrectedTests = CorrectedTests,
        ReferenceRows = Reference.Rows, CurrentRows = Current.Rows, OnlyInReference = OnlyInReference, OnlyInCurrent = OnlyInCurrent, UpstreamChanges = UpstreamChanges,
    };
}

/// <summary>A stretch of time and what of it was looked at.</summary>
/// <param name="From">First instant.</param>
/// <param name="To">End (exclusive).</param>
/// <param name="Partitions">How many partitions.</param>
public sealed record WindowFacts(DateTimeOffset From, DateTimeOffset To, long Rows, int Partitions)
{
    /// <summary>Rows are drawn from the window by chance.</summary>
    public bool Sample { get; init; }
}

/// <summary>How many predictions were about unusual rows.</summary>
/// <param name="Limit">The share that is to be stayed below.</param>
/// <param name="Exceeded">It is exceeded by more than chance: the lower end of the 95 % Wilson interval of the share lies above.</param>
public sealed record OutlierShare(long Rows, long Flagged, double Share, double Limit, bool Exceeded)
{
    internal static OutlierShare? Of(long rows, long flagged, double limit) => rows == 0 ? null
        : new OutlierShare(rows, flagged, (double)flagged / rows, limit, Statistics.Proportions.Wilson(flagged, rows, 0.95)?.Lower > limit);
}

/// <summary>Which data are current.</summary>
public enum MonitorBasis
{
    /// <summary>Those newer than the champion's training window.</summary>
    Newer,

    /// <summary>There are none: the champion's holdout, against the rows it learned from.</summary>
    Holdout,

    /// <summary>Two windows of one dataset.</summary>
    Windows,
}

/// <summary>A report in the list of a model's, with what a list shows.</summary>
public sealed record DriftEntry
{
    public int SchemaVersion { get; init; } = 1;

    public required string Run { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset At { get; init; }

    public required MonitorBasis Basis { get; init; }

    public required WindowFacts Current { get; init; }

    public required bool Drifted { get; init; }

    public required IReadOnlyList<string> Reasons { get; init; }

    public required double Share { get; init; }

    /// <summary>Names of the columns that drifted, at most 20.</summary>
    public required IReadOnlyList<string> DriftedColumns { get; init; }

    public bool? PredictionDrifted { get; init; }

    public bool? LabelDrifted { get; init; }

    /// <summary>Null where the version does not look for outliers, or gave no prediction lately.</summary>
    public OutlierShare? Outliers { get; init; }

    /// <summary>Sentences, at most 20.</summary>
    public IReadOnlyList<string> UpstreamChanges { get; init; } = [];

    /// <summary>Object key of the whole report.</summary>
    public required string Report { get; init; }
}
