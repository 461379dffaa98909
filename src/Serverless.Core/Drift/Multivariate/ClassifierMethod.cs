using System.Globalization;
using Serverless.Drift.Samples;
using Serverless.Problems;

namespace Serverless.Drift.Multivariate;

/// <summary>
/// A domain classifier: if boosted trees that learned from half of the rows can tell, of the other half, which are current, the data drifted; how well (area under the ROC
/// curve) is the statistic, and the columns that they split by are the reasons. Both halves are scored by the trees of the other. Rows that were not learned from are a
/// fair test, so each half has an exact level; of the two p-values twice the smaller one counts, which holds whatever their dependence (scores of ordinary
/// cross-validation are dependent, and would be called significant too often). Source: Lopez-Paz and Oquab, "Revisiting Classifier Two-Sample Tests", ICLR 2017.
/// </summary>
internal sealed class ClassifierMethod : IDatasetDriftMethod
{
    /// <summary>Area that is reached before a difference matters: 0.5 is a coin.</summary>
    public const double DefaultThreshold = 0.55;

    private const int LeastRows = 20;
    private const int MostRows = 5000;
    private const int FewestOfMany = 1000;
    private const long MostCells = 4_000_000;

    public string Name => "classifier";

    public DatasetDrift Compare(IDriftSource reference, IDriftSource current, IReadOnlyList<string> columns, DriftSettings settings, CancellationToken cancel)
    {
        var threshold = settings.Threshold ?? DefaultThreshold;
        if (threshold is <= 0.5 or >= 1)
        {
            throw new RequestException($"the threshold of '{Name}' is an area under the ROC curve above 0.5 (a coin) and below 1, not {threshold.ToString(CultureInfo.InvariantCulture)}.");
        }

        var most = (int)Math.Clamp(MostCells / (2 * Math.Max(1, columns.Count)), FewestOfMany, MostRows);
        var rows = new PooledRows(reference, current, most, settings.Seed);
        if (Math.Min(rows.Reference, rows.Current) < LeastRows) return Nothing(threshold, $"fewer than {LeastRows} rows on one side: too few to learn from and to test on");
        var binned = BinnedColumns.From(rows, columns, cancel);
        if (binned.Of.Count == 0) return Nothing(threshold, "every column is constant over both sides: there is nothing to compare");

        var labels = new double[rows.Count];
        Array.Fill(labels, 1, rows.Reference, rows.Current);
        var halves = Halves(rows, new Random(settings.Seed));
        var gains = new double[binned.Of.Count];
        var (area, p) = (0.0, 1.0);
        for (var half = 0; half < 2; half++)
        {
            var model = BoostedTrees.Fit(binned, halves[1 - half], labels, cancel);
            for (var c = 0; c < gains.Length; c++) gains[c] += model.Gains[c];
            var scored = halves[half].Select(r => (Score: model.Score(binned, r), Current: r >= rows.Reference)).ToLookup(s => s.Current, s => s.Score);
            var (ofHalf, chance) = MannWhitney.Greater([.. scored[false]], [.. scored[true]]);
            (area, p) = (area + (ofHalf / 2), Math.Min(p, chance));
        }

        p = Math.Min(1, 2 * p);
        var drifted = area >= threshold && p < DriftDefaults.PValue;
        return new DatasetDrift
        {
            Method = Name, Statistic = area, PValue = p, Threshold = threshold, Drifted = drifted, Expectation = Expectation(threshold),
            Severity = drifted ? DriftSeverity.Drift : p < DriftDefaults.PValue * DriftDefaults.PossiblePValues && area > 0.5 ? DriftSeverity.Possible : DriftSeverity.None,
            Rule = FormattableString.Invariant($"area under the ROC curve of boosted trees (depth 3), cross-fitted on two halves, {rows.Said}, {columns.Count} columns; p by Mann-Whitney, twice the smaller of the halves"),
            Contributions = Contributions(binned.Names, gains),
        };
    }

    private DatasetDrift Nothing(double threshold, string why) => new()
    {
        Method = Name, Statistic = 0.5, PValue = 1, Threshold = threshold, Drifted = false, Severity = DriftSeverity.None, Expectation = Expectation(threshold), Rule = why,
    };

    private static string Expectation(double threshold) => FormattableString.Invariant($"area of classifier at least {threshold:R}, with p below {DriftDefaults.PValue:R}");

    // Each half has half of either side.
    private static int[][] Halves(PooledRows rows, Random random)
    {
        int[] before = [.. Enumerable.Range(0, rows.Reference)], after = [.. Enumerable.Range(rows.Reference, rows.Current)];
        random.Shuffle(before);
        random.Shuffle(after);
        int[] Half(int which) => [.. before.Where((_, i) => i % 2 == which).Concat(after.Where((_, i) => i % 2 == which)).Order()];
        return [Half(0), Half(1)];
    }

    private static Dictionary<string, double>? Contributions(IReadOnlyList<string> names, double[] gains)
    {
        var all = gains.Sum();
        if (all <= 0) return null;
        return names.Select((name, i) => (name, Share: gains[i] / all)).Where(c => c.Share > 0).OrderByDescending(c => c.Share).ThenBy(c => c.name, StringComparer.Ordinal)
            .ToDictionary(c => c.name, c => c.Share, StringComparer.Ordinal);
    }
}
