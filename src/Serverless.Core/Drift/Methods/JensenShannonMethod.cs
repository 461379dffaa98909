namespace Serverless.Drift.Methods;

/// <summary>Jensen-Shannon distance, base 2: the square root of the divergence, from 0 (equal) to 1 (nothing in common).</summary>
internal sealed class JensenShannonMethod : EffectOfShares
{
    public override string Name => "js";

    public override double DefaultThreshold => DriftDefaults.Effect;

    protected override string Unit => "base 2";

    protected override double Measure(ReadOnlySpan<double> reference, ReadOnlySpan<double> current) => Distance(reference, current);

    /// <summary>scipy.spatial.distance.jensenshannon(p, q, base=2).</summary>
    public static double Distance(ReadOnlySpan<double> p, ReadOnlySpan<double> q)
    {
        double sum = 0;
        for (var i = 0; i < p.Length; i++)
        {
            var middle = (p[i] + q[i]) / 2;
            if (p[i] > 0) sum += p[i] * Math.Log(p[i] / middle);
            if (q[i] > 0) sum += q[i] * Math.Log(q[i] / middle);
        }

        return Math.Sqrt(Math.Max(0, sum / 2 / Math.Log(2)));
    }
}
