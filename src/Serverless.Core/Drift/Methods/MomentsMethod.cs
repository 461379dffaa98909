using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Drift.Methods;

/// <summary>Euclidean distance between the L-moments: location and scale over the reference's, skewness and kurtosis as they are.</summary>
internal sealed class MomentsMethod : NumericMethod
{
    public override string Name => "moments";

    public override DriftScale Scale => DriftScale.Effect;

    public override double DefaultThreshold => 0.2;

    protected override DriftMeasure Compare(NumericSample reference, NumericSample current, PValueMode mode)
    {
        var origin = reference.Mean;
        var deviation = Math.Max(reference.Deviation, DriftDefaults.LeastDeviation);
        var unit = Math.Max(reference.Greatest, current.Greatest) > NumericSample.HugeUnit ? NumericSample.HugeUnit : 1;
        var (a, b) = (LMoments.Of(reference, origin, unit), LMoments.Of(current, origin, unit));
        var location = (b.Location - a.Location) / (deviation / unit);
        var scale = (b.Scale - a.Scale) / Math.Max(a.Scale, DriftDefaults.LeastDeviation / unit);
        var (skewness, kurtosis) = (b.Skewness - a.Skewness, b.Kurtosis - a.Kurtosis);
        return new DriftMeasure
        {
            Statistic = Math.Sqrt((location * location) + (scale * scale) + (skewness * skewness) + (kurtosis * kurtosis)),
            Rule = "L-moments: mean over the standard deviation of the reference, scale over its scale, skewness, kurtosis",
        };
    }
}
