using Serverless.Drift.Samples;

namespace Serverless.Drift.Methods;

/// <summary>A distance between two vectors of shares that each add up to 1.</summary>
internal abstract class EffectOfShares : ShareMethod
{
    /// <summary>Shares below this count as this where a logarithm of a ratio is taken: Evidently's filling of empty bins.</summary>
    public const double LeastShare = 0.0001;

    public override DriftScale Scale => DriftScale.Effect;

    /// <summary>For the report: base of the logarithm, what is done about empty bins.</summary>
    protected abstract string Unit { get; }

    protected abstract double Measure(ReadOnlySpan<double> reference, ReadOnlySpan<double> current);

    public static double[] Shares(ReadOnlySpan<long> counts)
    {
        double sum = 0;
        foreach (var c in counts) sum += c;
        var shares = new double[counts.Length];
        for (var i = 0; i < shares.Length; i++) shares[i] = counts[i] / sum;
        return shares;
    }

    protected override DriftMeasure Compare(Contingency table) =>
        new() { Statistic = Measure(Shares(table.Reference), Shares(table.Current)), Rule = $"{table.Rule}; {Unit}" };
}
