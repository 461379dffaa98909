namespace Serverless.Statistics;

/// <summary>A figure over rows that occur so often. Has no state that changes, because replicates are computed by several threads.</summary>
internal interface IWeightedFigure
{
    /// <summary>NaN when it is not defined for these weights.</summary>
    double Compute(ReadOnlySpan<byte> weights);
}

/// <summary>
/// Interval of what two figures over the same rows differ by: both see the same replicates, so what the rows have in common cancels. Source: B. Efron, R. Tibshirani,
/// "An introduction to the bootstrap" (1993), chapters 13 and 16. From 1,000 replicates the percentiles are the interval; with fewer, whose percentiles would be
/// ragged, the standard deviation of the replicates and the normal distribution.
/// </summary>
internal static class PairedBootstrap
{
    /// <summary>Replicates times rows are at most so many: about a twentieth of a second of two processors.</summary>
    public const long MostDraws = 20_000_000;

    private const int MostReplicates = 2000;
    private const int FewestReplicates = 100;
    private const int FewestForPercentiles = 1000;

    /// <summary>What <see cref="Difference"/> does for so many rows when it is not told.</summary>
    public static int Replicates(int rows) => (int)Math.Clamp(MostDraws / Math.Max(1, rows), FewestReplicates, MostReplicates);

    /// <returns>Interval of first minus second and the number of replicates in which both were defined; no interval when that is less than half.</returns>
    public static (Interval? Interval, int Replicates) Difference(IWeightedFigure first, IWeightedFigure second, int rows, double confidence, int seed, int? replicates = null, CancellationToken cancel = default)
    {
        var count = replicates ?? Replicates(rows);
        var differences = new double[count];
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancel }, () => new byte[rows], (i, _, weights) =>
        {
            PoissonWeights.Fill(weights, seed, i);
            differences[i] = first.Compute(weights) - second.Compute(weights);
            return weights;
        }, static _ => { });
        double[] defined = [.. differences.Where(double.IsFinite).Order()];
        if (defined.Length < 2 || defined.Length < count / 2) return (null, defined.Length);
        if (defined.Length >= FewestForPercentiles)
        {
            return (new Interval(SortedQuantile.Of(defined, (1 - confidence) / 2), SortedQuantile.Of(defined, (1 + confidence) / 2), confidence, "bootstrap"), defined.Length);
        }

        var all = new byte[rows];
        Array.Fill(all, (byte)1);
        var (estimate, mean) = (first.Compute(all) - second.Compute(all), defined.Average());
        var half = NormalQuantile.TwoSided(confidence) * Math.Sqrt(defined.Sum(d => (d - mean) * (d - mean)) / (defined.Length - 1));
        return (double.IsFinite(estimate) ? new Interval(estimate - half, estimate + half, confidence, "bootstrap") : null, defined.Length);
    }
}
