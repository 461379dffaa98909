using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Drift.Methods;

/// <summary>Two-sample Cramér-von Mises: the squared distance between the distribution functions everywhere, not only where it is greatest.</summary>
internal sealed class CramerVonMisesMethod : NumericMethod
{
    public override string Name => "cvm";

    public override DriftScale Scale => DriftScale.PValue;

    public override double DefaultThreshold => DriftDefaults.PValue;

    private const int MostDistinct = 100;
    private const int RowsEach = 10;

    protected override DriftMeasure Compare(NumericSample reference, NumericSample current, PValueMode mode)
    {
        var (t, fourU) = CramerVonMises.Statistic(reference, current);
        var (p, exact) = CramerVonMises.PValue(t, fourU, reference.Count, current.Count, mode);

        // Mid-ranks are compared with positions, so that ties alone make T large: the same value everywhere would be a drift.
        if (reference.Values[0] == reference.Values[^1] && current.Values[0] == current.Values[^1] && reference.Values[0] == current.Values[0])
        {
            return new DriftMeasure { Statistic = t, PValue = 1, Rule = "the same value everywhere" };
        }

        var ties = reference.Distinct(MostDistinct) <= MostDistinct && reference.Count > RowsEach * (long)reference.Distinct(MostDistinct);
        return new DriftMeasure
        {
            Statistic = t, PValue = p,
            Rule = (exact ? "exact p-value" : "asymptotic p-value") + (ties ? "; few different values: ties by mid-ranks make it too small, 'ks' and 'chi2' do not" : ""),
        };
    }
}
