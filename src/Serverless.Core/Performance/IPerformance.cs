using Serverless.Problems;

namespace Serverless.Performance;

/// <summary>Reads how a model does: what came true, and what is to be expected of predictions without labels.</summary>
public interface IPerformance
{
    /// <param name="days">At most so many days, the newest.</param>
    /// <exception cref="RequestException">The model does not exist.</exception>
    Task<ModelOutcomes> ReadAsync(string model, int days = 90, CancellationToken cancel = default);
}

/// <summary>How a model does, as the last join left it.</summary>
public sealed record ModelOutcomes
{
    public required string Model { get; init; }

    /// <summary>Null before the first join.</summary>
    public RealisedSummary? Summary { get; init; }

    /// <summary>What came true, by day of the prediction, oldest first.</summary>
    public required IReadOnlyList<RealisedDay> Days { get; init; }

    /// <summary>What was to be expected, by day, version and variant, oldest first, with what came true where it is known.</summary>
    public required IReadOnlyList<EstimateRow> Estimates { get; init; }

    /// <summary>How right estimates were where labels came, by metric.</summary>
    public required IReadOnlyDictionary<string, EstimateRecord> EstimateError { get; init; }

    /// <summary>Why estimates may not be believed; empty when nothing speaks against them.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>An estimate beside what came true.</summary>
public sealed record EstimateRow
{
    public required DateOnly Day { get; init; }

    public required int Version { get; init; }

    public required string Variant { get; init; }

    /// <summary>Predictions of the day.</summary>
    public required int Rows { get; init; }

    /// <summary>Of them, those whose outcome is known.</summary>
    public required int Labelled { get; init; }

    public string? Method { get; init; }

    public required IReadOnlyDictionary<string, EstimateBeside> Metrics { get; init; }

    public double[][]? Confusion { get; init; }

    public double? Outside { get; init; }

    public string? Note { get; init; }
}

/// <param name="Realised">Null while too few labels came.</param>
/// <param name="Error">Estimated minus realised.</param>
public sealed record EstimateBeside(double Estimated, double? SamplingError, double? Lower, double? Upper, double? Realised, double? Error);

/// <param name="Days">Days with an estimate and enough labels.</param>
/// <param name="MeanAbsoluteError">Of the estimate.</param>
/// <param name="Bias">Mean of estimated minus realised: positive = estimates were too high.</param>
/// <param name="Within">Share of the days on which what came true lay within the interval.</param>
public sealed record EstimateRecord(int Days, double MeanAbsoluteError, double Bias, double? Within);
