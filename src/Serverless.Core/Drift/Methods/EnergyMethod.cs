using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Drift.Methods;

/// <summary>Energy distance; the threshold is for it over the square root of the reference's standard deviation (at least 0.001), whose unit it has.</summary>
internal sealed class EnergyMethod : NumericMethod
{
    public override string Name => "energy";

    public override DriftScale Scale => DriftScale.Effect;

    public override double DefaultThreshold => DriftDefaults.Effect;

    protected override DriftMeasure Compare(NumericSample reference, NumericSample current, PValueMode mode)
    {
        var distance = Distances.Energy(reference, current);
        return new DriftMeasure
        {
            Statistic = distance, Normalised = distance / Math.Sqrt(Math.Max(reference.Deviation, DriftDefaults.LeastDeviation)),
            Rule = "distance over the square root of the standard deviation of the reference (at least 0.001)",
        };
    }
}
