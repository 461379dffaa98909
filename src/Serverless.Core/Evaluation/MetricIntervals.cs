using Serverless.Evaluation.Weighted;
using Serverless.Statistics;

namespace Serverless.Evaluation;

/// <summary>
/// How far the candidate's metrics would move with another holdout of the same kind: a bootstrap with Poisson weights (N. Oza, S. Russell 2001; N. Chamandy and others 2012), all
/// metrics from one pass over rows that were sorted once. From 1,000 replicates on the percentiles are the interval (B. Efron 1979), with fewer the standard deviation of the
/// replicates and the normal distribution, within the metric's range. Rows count as independent: of rows that depend on each other the true interval is wider.
/// </summary>
public sealed record MetricIntervals
{
    /// <summary>Replicates times rows are at most about so many: a few hundredths of a training.</summary>
    internal const long MostDraws = 10_000_000;

    internal const double Level = 0.95;
    private const int FewestReplicates = 100;
    private const int MostReplicates = 1000;

    // A largest value has no bootstrap distribution worth the name: the sample's own is the most it can be.
    private static readonly string[] Without = ["max-error"];

    public double Confidence { get; init; } = Level;

    /// <summary><c>percentile</c> or <c>normal</c>.</summary>
    public required string Method { get; init; }

    /// <summary>How many bootstrap replicates were drawn: fewer for large holdouts, whose intervals are narrow anyway.</summary>
    public required int Replicates { get; init; }

    public required int Seed { get; init; }

    public required int Rows { get; init; }

    /// <summary>By metric; one that is not defined in at least nine of ten replicates has none.</summary>
    public required IReadOnlyDictionary<string, MetricInterval> Candidate { get; init; }

    internal static MetricIntervals? Of(Holdout holdout, IReadOnlyDictionary<string, double> metrics, IWeightedFigures figures, CancellationToken cancel)
    {
        if (metrics.Count == 0 || holdout.Count == 0) return null;
        var replicates = (int)Math.Clamp(MostDraws / holdout.Count, FewestReplicates, MostReplicates);
        var drawn = Replicate(figures, holdout.Count, replicates, holdout.Seed, cancel);
        var found = new Dictionary<string, MetricInterval>(StringComparer.Ordinal);
        foreach (var (name, value) in metrics)
        {
            var at = figures.Names.ToList().IndexOf(name);
            if (at < 0 || Without.Contains(name)) continue;
            double[] defined = [.. drawn.Select(d => d[at]).Where(double.IsFinite).Order()];
            if (defined.Length * 10 < replicates * 9) continue;
            found.Add(name, replicates == MostReplicates ? new MetricInterval(SortedQuantile.Of(defined, (1 - Level) / 2), SortedQuantile.Of(defined, (1 + Level) / 2)) : Normal(value, defined));
        }

        return new MetricIntervals { Method = replicates == MostReplicates ? "percentile" : "normal", Replicates = replicates, Seed = holdout.Seed, Rows = holdout.Count, Candidate = found };
    }

    private static double[][] Replicate(IWeightedFigures figures, int rows, int replicates, int seed, CancellationToken cancel)
    {
        var drawn = new double[replicates][];
        Parallel.For(0, replicates, new ParallelOptions { CancellationToken = cancel }, () => new byte[rows], (i, _, weights) =>
        {
            PoissonWeights.Fill(weights, seed, i);
            figures.Compute(weights, drawn[i] = new double[figures.Names.Count]);
            return weights;
        }, static _ => { });
        return drawn;
    }

    private static MetricInterval Normal(double value, double[] defined)
    {
        var mean = defined.Average();
        var half = NormalQuantile.TwoSided(Level) * Math.Sqrt(defined.Sum(d => (d - mean) * (d - mean)) / (defined.Length - 1));
        return new MetricInterval(value - half, value + half);
    }
}

/// <param name="Lower">Lower end.</param>
/// <param name="Upper">Upper end.</param>
public sealed record MetricInterval(double Lower, double Upper);
