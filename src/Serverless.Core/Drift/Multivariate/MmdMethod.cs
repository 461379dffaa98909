using Serverless.Drift.Samples;
using Serverless.Problems;

namespace Serverless.Drift.Multivariate;

/// <summary>
/// Maximum mean discrepancy with a Gaussian kernel over all columns together: finds what no single column shows, such as a changed correlation. Permutation test with the
/// median heuristic; up to <see cref="MostRows"/> rows of each side, so that the cost has a bound. Source: Gretton et al. 2012; 100 permutations as alibi-detect.
/// </summary>
internal sealed class MmdMethod : IDatasetDriftMethod
{
    public const int MostRows = 1000;
    public const int Permutations = 100;

    public string Name => "mmd";

    public DatasetDrift Compare(IDriftSource reference, IDriftSource current, IReadOnlyList<string> columns, DriftSettings settings, CancellationToken cancel)
    {
        var threshold = settings.Threshold ?? DriftDefaults.PValue;
        if (threshold >= 1) throw new RequestException($"the threshold of '{Name}' is a p-value between 0 and 1, not {threshold.ToString(System.Globalization.CultureInfo.InvariantCulture)}.");
        var rows = new PooledRows(reference, current, MostRows, settings.Seed);
        var embedding = Embedding.Of(rows, columns, settings.Seed, cancel);
        if (embedding.Width == 0)
        {
            return new DatasetDrift
            {
                Method = Name, Statistic = 0, PValue = 1, Threshold = threshold, Drifted = false, Severity = DriftSeverity.None, Expectation = Expectation(threshold),
                Rule = "every column is constant over both sides: there is nothing to compare",
            };
        }

        var mmd = new MaximumMeanDiscrepancy(embedding.Points, embedding.Width, rows.Count, rows.Reference, cancel: cancel);
        var (statistic, p) = mmd.Test(Permutations, new Random(settings.Seed), cancel);
        var severity = DriftVerdicts.OfPValue(p, threshold);
        return new DatasetDrift
        {
            Method = Name, Statistic = statistic, PValue = p, Threshold = threshold, Drifted = severity == DriftSeverity.Drift, Severity = severity, Expectation = Expectation(threshold),
            Rule = FormattableString.Invariant($"unbiased MMD^2, Gaussian kernel with sigma {mmd.Sigma:G4} (median heuristic), {Permutations} permutations, {rows.Said}, {columns.Count} columns as {embedding.Dimensions} coordinates")
                + (embedding.Projected ? FormattableString.Invariant($" projected at random to {embedding.Width}") : ""),
        };
    }

    private static string Expectation(double threshold) => FormattableString.Invariant($"p of mmd below {threshold:R}");
}
