namespace Serverless.Drift.Methods;

/// <summary>Total variation: half the sum of the absolute differences of the shares, the share of rows that would have to move.</summary>
internal sealed class TotalVariationMethod : EffectOfShares
{
    public override string Name => "tv";

    public override double DefaultThreshold => DriftDefaults.Effect;

    protected override string Unit => "from 0 to 1";

    protected override double Measure(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        double sum = 0;
        for (var i = 0; i < reference.Length; i++) sum += Math.Abs(reference[i] - current[i]);
        return sum / 2;
    }
}
