namespace Serverless.Drift.Methods;

/// <summary>Hellinger distance: sqrt(1 - sum of sqrt(p q)), from 0 (equal) to 1 (nothing in common).</summary>
internal sealed class HellingerMethod : EffectOfShares
{
    public override string Name => "hellinger";

    public override double DefaultThreshold => DriftDefaults.Effect;

    protected override string Unit => "from 0 to 1";

    protected override double Measure(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        double sum = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            var difference = Math.Sqrt(reference[i]) - Math.Sqrt(current[i]);
            sum += difference * difference;
        }

        return Math.Sqrt(sum / 2);
    }
}
