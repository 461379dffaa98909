namespace Serverless.Drift.Methods;

/// <summary>Kullback-Leibler divergence of the reference from the current shares: sum of reference ln(reference / current).</summary>
internal sealed class KullbackLeiblerMethod : EffectOfShares
{
    public override string Name => "kl";

    public override double DefaultThreshold => DriftDefaults.Effect;

    protected override string Unit => "natural logarithm, empty bins count as 0.0001";

    protected override double Measure(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        double sum = 0, wholeReference = 0, wholeCurrent = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            wholeReference += Math.Max(reference[i], LeastShare);
            wholeCurrent += Math.Max(current[i], LeastShare);
        }

        // Filled shares are made to add up to 1 again, as SciPy's entropy does, so that the divergence is never negative.
        for (var i = 0; i < reference.Length; i++)
        {
            var (p, q) = (Math.Max(reference[i], LeastShare) / wholeReference, Math.Max(current[i], LeastShare) / wholeCurrent);
            sum += p * Math.Log(p / q);
        }

        return Math.Max(0, sum);
    }
}
