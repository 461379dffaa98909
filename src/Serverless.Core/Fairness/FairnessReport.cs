using Serverless.Statistics;

namespace Serverless.Fairness;

/// <summary>A model's answers on its holdout, compared by group.</summary>
public sealed record FairnessReport
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Rates over fewer rows are not compared.</summary>
    public required int MinRows { get; init; }

    public required double Confidence { get; init; }

    /// <summary>One for each grouping; for a multiclass task one for each grouping and class.</summary>
    public required IReadOnlyList<GroupingFairness> Groupings { get; init; }
}

/// <summary>The groups of one grouping beside each other.</summary>
public sealed record GroupingFairness
{
    public required string Grouping { get; init; }

    /// <summary>Multiclass: the class that is looked at against all others.</summary>
    public string? Class { get; init; }

    /// <summary>Largest first.</summary>
    public required IReadOnlyList<GroupFacts> Groups { get; init; }

    /// <summary>How far groups are apart.</summary>
    public required IReadOnlyList<Disparity> Disparities { get; init; }

    /// <summary>Rows that belong to no group, because the expression has no value there.</summary>
    public long RowsWithoutGroup { get; init; }

    /// <summary>Groups that are not listed because there are too many: the smallest.</summary>
    public int GroupsNotListed { get; init; }
}

/// <summary>One group.</summary>
/// <param name="Positives">Rows whose truth is true (or the class); null for regression.</param>
/// <param name="Rates">By name: selection-rate, recall, fnr, fpr, tnr, precision, accuracy, calibration-gap, ece; for regression mean-error, mae.</param>
public sealed record GroupFacts(string Group, long Rows, long? Positives, IReadOnlyDictionary<string, GroupRate> Rates)
{
    /// <summary>Mean of what was predicted and of what was the case: probabilities and outcomes, or values.</summary>
    public double? MeanPredicted { get; init; }

    public double? MeanObserved { get; init; }
}

/// <summary>A rate of one group.</summary>
/// <param name="Value">Null when it is not defined.</param>
/// <param name="Of">Rows that it is a rate of: the group's true rows for recall, all of them for the selection rate.</param>
/// <param name="Interval">Of this group alone.</param>
/// <param name="NotApplicable">Why it is not compared with other groups' rates; null when it is.</param>
public sealed record GroupRate(double? Value, long Of, Interval? Interval = null, string? NotApplicable = null);

/// <summary>How far apart the groups are in one measure.</summary>
public sealed record Disparity
{
    /// <summary>demographic-parity, equal-opportunity, equalised-odds, or the name of a rate.</summary>
    public required string Measure { get; init; }

    /// <summary>The largest rate minus the smallest.</summary>
    public double? Difference { get; init; }

    /// <summary>Of the difference between these two groups, wide enough to hold for every pair of groups together (Bonferroni).</summary>
    public Interval? DifferenceInterval { get; init; }

    /// <summary>The smallest rate divided by the largest; null where both are zero or a rate may be negative.</summary>
    public double? Ratio { get; init; }

    public Interval? RatioInterval { get; init; }

    public string? Highest { get; init; }

    public string? Lowest { get; init; }

    /// <summary>Groups that were compared.</summary>
    public int Groups { get; init; }

    public string? NotApplicable { get; init; }
}
