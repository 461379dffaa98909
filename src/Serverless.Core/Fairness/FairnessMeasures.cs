using Serverless.Models;

namespace Serverless.Fairness;

/// <summary>
/// Names of what is compared. Demographic parity: S. Barocas, M. Hardt, A. Narayanan, "Fairness and machine learning"; equal opportunity and equalised odds: M. Hardt, E.
/// Price, N. Srebro, NIPS 2016. Differences and ratios as Fairlearn defines them (<c>method="between_groups"</c>).
/// </summary>
internal static class FairnessMeasures
{
    public const string DemographicParity = "demographic-parity";
    public const string EqualOpportunity = "equal-opportunity";
    public const string EqualisedOdds = "equalised-odds";

    public static class Rate
    {
        public const string Selection = "selection-rate";
        public const string Recall = "recall";
        public const string FalseNegative = "fnr";
        public const string FalsePositive = "fpr";
        public const string TrueNegative = "tnr";
        public const string Precision = "precision";
        public const string Accuracy = "accuracy";
        public const string CalibrationGap = "calibration-gap";
        public const string Calibration = "ece";
        public const string MeanError = "mean-error";
        public const string AbsoluteError = "mae";
    }

    private static readonly string[] OfClasses =
    [
        DemographicParity, EqualOpportunity, EqualisedOdds, Rate.Selection, Rate.Recall, Rate.FalseNegative, Rate.FalsePositive, Rate.TrueNegative, Rate.Precision, Rate.Accuracy,
        Rate.CalibrationGap, Rate.Calibration,
    ];

    private static readonly string[] OfNumbers = [Rate.MeanError, Rate.AbsoluteError];

    /// <summary>Those of a task; a guard may name each.</summary>
    public static IReadOnlyList<string> Of(TaskKind task) => task == TaskKind.Regression ? OfNumbers : OfClasses;

    /// <summary>The rate that a measure compares; null for equalised odds, which compares two.</summary>
    public static string? RateOf(string measure) => measure switch { DemographicParity => Rate.Selection, EqualOpportunity => Rate.Recall, EqualisedOdds => null, _ => measure };
}
