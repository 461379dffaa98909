namespace Serverless.Drift.Methods;

/// <summary>Population stability index: sum of (current - reference) ln(current / reference). Siddiqi's reading: below 0.1 none, 0.1 to 0.2 some, above 0.2 much.</summary>
internal sealed class PopulationStabilityMethod : EffectOfShares
{
    public override string Name => "psi";

    public override double DefaultThreshold => 0.2;

    protected override string Unit => "natural logarithm, empty bins count as 0.0001";

    protected override double Measure(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        double sum = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            var (p, q) = (Math.Max(reference[i], LeastShare), Math.Max(current[i], LeastShare));
            sum += (q - p) * Math.Log(q / p);
        }

        return sum;
    }
}
