using Serverless.Statistics;

namespace Serverless.Performance;

/// <param name="Value">What is to be expected.</param>
/// <param name="SamplingError">Standard deviation of what a chunk of this size realises around it by chance alone, as NannyML computes it; null when the reference cannot tell.</param>
/// <param name="Lower">Lower end of the interval (95 %) in which the realised value is to be expected while the method's assumption holds.</param>
/// <param name="Upper">Upper end.</param>
public sealed record EstimatedValue(double Value, double? SamplingError, double? Lower, double? Upper)
{
    internal const double Level = 0.95;

    /// <summary>The interval adds the chance that made the reference to that of the chunk: both are samples.</summary>
    /// <param name="deviation">Of a single row, so that its quotient with the square root of the rows is the sampling error.</param>
    /// <param name="spread">What else is known of how far it may be off; default = nothing.</param>
    internal static EstimatedValue Of(double value, double deviation, int rows, int referenceRows, double least, double most, EstimateSpread spread = default)
    {
        if (!double.IsFinite(deviation) || rows == 0 || referenceRows == 0) return new EstimatedValue(value, null, null, null);
        var half = NormalQuantile.TwoSided(Level) * (spread.Deviation > deviation ? spread.Deviation : deviation) * Math.Sqrt((1.0 / rows) + (1.0 / referenceRows));
        return new EstimatedValue(value, deviation / Math.Sqrt(rows), Math.Max(least, value - half - Math.Max(0, spread.Optimism)), Math.Min(most, value + half - Math.Min(0, spread.Optimism)));
    }
}
