namespace Serverless.Drift;

/// <summary>What is asked of a comparison. The defaults are those of the field: Evidently's rules for <c>auto</c>, half of the columns for the dataset.</summary>
public sealed record DriftSettings
{
    public const string Auto = "auto";

    /// <summary>Name of a method of <see cref="IDriftCatalogue"/>, or <c>auto</c>: p-values up to <see cref="DriftDefaults.SmallReference"/> rows of reference, effect sizes above.</summary>
    public string Method { get; init; } = Auto;

    /// <summary>
    /// Instead of the method's own threshold: drift is a p-value below it, or an effect size that reaches it. With <c>auto</c> it takes the place of whichever was chosen.
    /// </summary>
    public double? Threshold { get; init; }

    /// <summary>Only these columns; null = every column that both sides have.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>How p-values are corrected for the number of columns that have one. Effect sizes are never corrected.</summary>
    public PValueCorrection Correction { get; init; } = PValueCorrection.None;

    /// <summary>The dataset drifts when at least this share of the compared columns does; in (0, 1].</summary>
    public double Share { get; init; } = DriftDefaults.Share;

    /// <summary>How p-values of tests that have both an exact and an asymptotic one are computed.</summary>
    public PValueMode PValues { get; init; } = PValueMode.Auto;

    /// <summary>For methods that draw random numbers.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Put what both sides look like into the report, for charts.</summary>
    public bool Distributions { get; init; }

    /// <summary>Columns compared at the same time.</summary>
    public int Threads { get; init; } = 2;
}

/// <summary>Numbers that are in every report, with where they come from.</summary>
public static class DriftDefaults
{
    /// <summary>Evidently: p-values for a reference of up to so many rows, effect sizes above.</summary>
    public const int SmallReference = 1000;

    /// <summary>Evidently: the dataset drifts when half of its columns do.</summary>
    public const double Share = 0.5;

    /// <summary>Probability of a false alarm that is accepted for one column.</summary>
    public const double PValue = 0.05;

    /// <summary>whylogs: between the threshold and three times it (0.05 and 0.15) a drift is possible.</summary>
    public const double PossiblePValues = 3;

    /// <summary>An effect size of half its threshold is a possible drift.</summary>
    public const double PossibleEffects = 0.5;

    /// <summary>Evidently: Wasserstein over the standard deviation, and Jensen-Shannon.</summary>
    public const double Effect = 0.1;

    /// <summary>Evidently: a standard deviation below this counts as this, so that a constant reference can be compared.</summary>
    public const double LeastDeviation = 0.001;
}

public enum PValueCorrection
{
    None,

    /// <summary>p times the number of tests: at most the threshold is the chance of any false alarm at all.</summary>
    Bonferroni,

    /// <summary>Benjamini and Hochberg (1995): at most the threshold is the expected share of false alarms among the alarms.</summary>
    Bh,
}

public enum PValueMode
{
    /// <summary>Exact where it is affordable, by SciPy's rules.</summary>
    Auto,

    Exact,

    Asymptotic,
}
