using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Drift.Methods;

/// <summary>Wasserstein-1 distance in the column's unit; the threshold is for it over the reference's standard deviation (n), at least 0.001: Evidently's rule.</summary>
internal sealed class WassersteinMethod : NumericMethod
{
    public override string Name => "wasserstein";

    public override DriftScale Scale => DriftScale.Effect;

    public override double DefaultThreshold => DriftDefaults.Effect;

    protected override DriftMeasure Compare(NumericSample reference, NumericSample current, PValueMode mode)
    {
        var distance = Distances.Wasserstein(reference, current);
        return new DriftMeasure
        {
            Statistic = distance, Normalised = distance / Math.Max(reference.Deviation, DriftDefaults.LeastDeviation),
            Rule = "distance over the standard deviation of the reference (at least 0.001)",
        };
    }
}
