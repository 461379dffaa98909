namespace Serverless.Drift;

/// <summary>How a current set of rows differs from a reference, column by column, with every threshold that was used.</summary>
public sealed record DriftReport
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>At least <see cref="ShareThreshold"/> of the compared columns drifted, or a method that looks at all columns together says so.</summary>
    public required bool Drifted { get; init; }

    /// <summary>Share of the compared columns that drifted, in [0, 1]; 0 when none could be compared.</summary>
    public required double Share { get; init; }

    public required double ShareThreshold { get; init; }

    /// <summary>The method that was asked for, perhaps <c>auto</c>; each column names the one that was used.</summary>
    public required string Method { get; init; }

    /// <summary>In the order of the reference.</summary>
    public required IReadOnlyList<DriftColumn> Columns { get; init; }

    public required PValueCorrection Correction { get; init; }

    /// <summary>Number of p-values that the correction was for.</summary>
    public required int CorrectedTests { get; init; }

    public required long ReferenceRows { get; init; }

    public required long CurrentRows { get; init; }

    /// <summary>Columns that only one side has: not compared, and named among the upstream changes.</summary>
    public IReadOnlyList<string> OnlyInReference { get; init; } = [];

    public IReadOnlyList<string> OnlyInCurrent { get; init; } = [];

    /// <summary>Verdict of a method that looks at all columns together; null for the others.</summary>
    public DatasetDrift? Dataset { get; init; }

    /// <summary>What probably happened upstream, in plain words.</summary>
    public IReadOnlyList<UpstreamChange> UpstreamChanges { get; init; } = [];
}

/// <summary>One column of a <see cref="DriftReport"/>.</summary>
public sealed record DriftColumn
{
    public required string Name { get; init; }

    /// <summary>integer, number, string, text, boolean or timestamp; <c>text</c> is a string column with too many different values to count them.</summary>
    public required string Type { get; init; }

    /// <summary>The method that was used.</summary>
    public required string Method { get; init; }

    /// <summary>The method's own figure (KS's D, chi-square, a distance in the unit of the column); null when the method could not be applied.</summary>
    public double? Statistic { get; init; }

    /// <summary>For distances with a unit: the statistic over the reference's standard deviation, which is what the threshold is for.</summary>
    public double? Normalised { get; init; }

    /// <summary>For methods that are tests.</summary>
    public double? PValue { get; init; }

    /// <summary>The p-value corrected for the number of columns, where a correction was asked for: what the threshold is for.</summary>
    public double? AdjustedPValue { get; init; }

    /// <summary>For effect sizes chosen by <c>auto</c> that reach their threshold: the chance of a difference as large by a test of the same values. Drift needs it to be below 0.05 too.</summary>
    public double? ChancePValue { get; init; }

    public double? Threshold { get; init; }

    /// <summary>The values drifted, or the share of missing ones did.</summary>
    public required bool Drifted { get; init; }

    public required DriftSeverity Severity { get; init; }

    /// <summary>What was compared with the threshold: <c>wasserstein / standard deviation &gt;= 0.1</c>.</summary>
    public string? Expectation { get; init; }

    /// <summary>How the method arrives at its figure: bins, base, kind of p-value.</summary>
    public string? Rule { get; init; }

    /// <summary>Missing values on both sides. They are left out of the values compared.</summary>
    public required MissingShares Missing { get; init; }

    /// <summary>For timestamps and text: what of them was compared. The column has the figures of its worst part.</summary>
    public IReadOnlyList<DriftPart>? Parts { get; init; }

    /// <summary>Both sides for a chart, where the settings ask for it.</summary>
    public DriftDistribution? Distribution { get; init; }

    /// <summary>Why the values were not compared; such a column counts only if its missing share drifted.</summary>
    public string? NotApplicable { get; init; }
}

/// <summary>A property of a column's values that was compared on its own: <c>hour(date)</c>, <c>length(comment)</c>.</summary>
public sealed record DriftPart
{
    public required string Name { get; init; }

    public required string Method { get; init; }

    public double? Statistic { get; init; }

    public double? Normalised { get; init; }

    public double? PValue { get; init; }

    public double? ChancePValue { get; init; }

    public string? NotApplicable { get; init; }
}

/// <summary>Share of missing values, and whether it changed: two-proportion z p &lt; 0.01 and Jensen-Shannon distance of (missing, filled) >= 0.1.</summary>
public sealed record MissingShares
{
    public required double Reference { get; init; }

    public required double Current { get; init; }

    public required double PValue { get; init; }

    public required double Distance { get; init; }

    public required bool Drifted { get; init; }
}

/// <summary>Verdict of a method that looks at all columns together.</summary>
public sealed record DatasetDrift
{
    public required string Method { get; init; }

    public required double Statistic { get; init; }

    public double? PValue { get; init; }

    public required double Threshold { get; init; }

    public required bool Drifted { get; init; }

    public required DriftSeverity Severity { get; init; }

    public string? Expectation { get; init; }

    public string? Rule { get; init; }

    /// <summary>Which columns tell the two sets apart, where the method can say: name to share, adding up to 1.</summary>
    public IReadOnlyDictionary<string, double>? Contributions { get; init; }
}

/// <summary>
/// whylogs' bands: for p-values none above 0.15, possible down to 0.05, drift below (three times the threshold and the threshold); for effect sizes possible from half
/// the threshold on.
/// </summary>
public enum DriftSeverity { None, Possible, Drift }

/// <summary>Something that probably changed where the data come from.</summary>
public sealed record UpstreamChange
{
    public required string Column { get; init; }

    public required UpstreamKind Kind { get; init; }

    /// <summary>One sentence with the evidence: <c>values look multiplied by 1.609 (miles to kilometres?)</c>.</summary>
    public required string Message { get; init; }

    /// <summary>For a changed unit: current = factor x reference + offset.</summary>
    public double? Factor { get; init; }

    public double? Offset { get; init; }

    /// <summary>For categories: their names, most frequent first, at most 10.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Share of rows concerned, in the current data where that has them, else in the reference.</summary>
    public double? Share { get; init; }
}

public enum UpstreamKind
{
    /// <summary>Values were multiplied by a constant, or shifted by one, or both.</summary>
    Unit,

    /// <summary>Much fewer rows have a value.</summary>
    NotFilled,

    NewCategories,

    VanishedCategories,

    /// <summary>The same categories in another case or with other blanks around them.</summary>
    Spelling,

    /// <summary>Numbers have fewer or more decimals, or are rounded to multiples of something.</summary>
    Precision,

    /// <summary>Only the reference has the column.</summary>
    MissingColumn,

    /// <summary>Only the current data have the column.</summary>
    NewColumn,
}
