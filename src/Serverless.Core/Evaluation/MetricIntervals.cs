using Serverless.Evaluation.Weighted;
using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Evaluation;

/// <summary>
/// How far the candidate's metrics would move with another holdout of the same kind: a bootstrap with Poisson weights (N. Oza, S. Russell 2001; N. Chamandy and others 2012), all
/// metrics from one pass over rows that were sorted once. From 1,000 replicates on the percentiles are the interval (B. Efron 1979), with fewer the standard deviation of the
/// replicates and the normal distribution. Of a large holdout the replicates are of a sample of its rows, and their deviation is scaled by the square root of the shares (P.
/// Bickel, F. Götze, W. van Zwet, m out of n, 1997): as wide as that of all rows, at a tenth of the time. Rows count as independent: of rows that depend on each other the
/// true interval is wider.
/// </summary>
public sealed record MetricIntervals
{
    /// <summary>Rows that replicates are drawn of, at most: then intervals are a few hundredths of a training.</summary>
    internal const int MostRows = 10_000;

    internal const double Level = 0.95;
    private const int ReplicatesOfSample = 200;
    private const int MostReplicates = 1000;

    // A largest value has no bootstrap distribution worth the name: the sample's own is the most it can be.
    private static readonly string[] Without = ["max-error"];

    public double Confidence { get; init; } = Level;

    /// <summary><c>percentile</c> or <c>normal</c>.</summary>
    public required string Method { get; init; }

    /// <summary>How many bootstrap replicates were drawn: fewer for large holdouts, whose intervals are narrow anyway.</summary>
    public required int Replicates { get; init; }

    /// <summary>Of how many rows they were drawn: all, or a sample.</summary>
    public int? Sample { get; init; }

    public required int Seed { get; init; }

    public required int Rows { get; init; }

    /// <summary>By metric; one that is not defined in at least nine of ten replicates has none.</summary>
    public required IReadOnlyDictionary<string, MetricInterval> Candidate { get; init; }

    internal static MetricIntervals? Of(Holdout holdout, IReadOnlyDictionary<string, double> metrics, IWeightedFigures figures, CancellationToken cancel)
    {
        if (metrics.Count == 0 || holdout.Count == 0) return null;
        var sampled = holdout.Count > MostRows;
        var (rows, replicates) = sampled ? (MostRows, ReplicatesOfSample) : (holdout.Count, MostReplicates);
        var drawn = Replicate(sampled ? Sampled(holdout) : figures, rows, replicates, holdout.Seed, cancel);
        var sums = holdout.Candidate.Own.Where(o => o.Value.Metric.Aggregate == MetricAggregate.Sum).Select(o => o.Key).ToHashSet(StringComparer.Ordinal);
        var found = new Dictionary<string, MetricInterval>(StringComparer.Ordinal);
        foreach (var (name, value) in metrics)
        {
            var at = figures.Names.ToList().IndexOf(name);
            if (at < 0 || Without.Contains(name)) continue;
            double[] defined = [.. drawn.Select(d => d[at]).Where(double.IsFinite).Order()];
            if (defined.Length * 10 < replicates * 9) continue;
            // A sum grows with the rows; a mean does not.
            var scale = Math.Sqrt((double)rows / holdout.Count) * (sums.Contains(name) ? (double)holdout.Count / rows : 1);
            found.Add(name, sampled ? Normal(value, defined, scale) : new MetricInterval(SortedQuantile.Of(defined, (1 - Level) / 2), SortedQuantile.Of(defined, (1 + Level) / 2)));
        }

        return new MetricIntervals { Method = sampled ? "normal" : "percentile", Replicates = replicates, Sample = rows, Seed = holdout.Seed, Rows = holdout.Count, Candidate = found };
    }

    // Selection sampling (D. Knuth, The Art of Computer Programming, volume 2, algorithm S): every set of rows is as likely.
    private static HoldoutFigures Sampled(Holdout holdout)
    {
        var random = new Random(holdout.Seed);
        var positions = new int[MostRows];
        for (int i = 0, taken = 0; taken < MostRows; i++)
        {
            if (random.NextDouble() * (holdout.Count - i) < MostRows - taken) positions[taken++] = i;
        }

        var sample = JudgedRows.Of(holdout.Task, holdout.Candidate).Take(positions);
        return new HoldoutFigures(holdout, holdout.Candidate with { Truth = sample.Truth, Outputs = sample.Outputs, Own = sample.Own });
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

    private static MetricInterval Normal(double value, double[] defined, double scale)
    {
        var mean = defined.Average();
        var half = NormalQuantile.TwoSided(Level) * Math.Sqrt(defined.Sum(d => (d - mean) * (d - mean)) / (defined.Length - 1)) * scale;
        return new MetricInterval(value - half, value + half);
    }
}

/// <param name="Lower">Lower end.</param>
/// <param name="Upper">Upper end.</param>
public sealed record MetricInterval(double Lower, double Upper);
