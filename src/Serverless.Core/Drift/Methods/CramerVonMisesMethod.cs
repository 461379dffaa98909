using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Drift.Methods;

/// <summary>Two-sample Cramér-von Mises: the squared distance between the distribution functions everywhere, not only where it is greatest.</summary>
internal sealed class CramerVonMisesMethod : NumericMethod
{
    public override string Name => "cvm";

    public override DriftScale Scale => DriftScale.PValue;

    public override double DefaultThreshold => DriftDefaults.PValue;

    protected override DriftMeasure Compare(NumericSample reference, NumericSample current, PValueMode mode)
    {
        var (t, fourU) = CramerVonMises.Statistic(reference, current);
        var (p, exact) = CramerVonMises.PValue(t, fourU, reference.Count, current.Count, mode);
        return new DriftMeasure { Statistic = t, PValue = p, Rule = exact ? "exact p-value" : "asymptotic p-value" };
    }
}
