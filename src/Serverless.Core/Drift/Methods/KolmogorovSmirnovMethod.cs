using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Drift.Methods;

/// <summary>Two-sample Kolmogorov-Smirnov: the greatest distance between the distribution functions, and how likely it is by chance.</summary>
internal sealed class KolmogorovSmirnovMethod : NumericMethod
{
    public override string Name => "ks";

    public override DriftScale Scale => DriftScale.PValue;

    public override double DefaultThreshold => DriftDefaults.PValue;

    protected override DriftMeasure Compare(NumericSample reference, NumericSample current, PValueMode mode)
    {
        var d = KolmogorovSmirnov.Statistic(reference, current);
        var (p, exact) = KolmogorovSmirnov.PValue(d, reference.Count, current.Count, mode);
        return new DriftMeasure { Statistic = d, PValue = p, Rule = exact ? "exact p-value" : "asymptotic p-value" };
    }
}
