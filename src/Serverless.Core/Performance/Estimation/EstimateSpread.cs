namespace Serverless.Performance;

/// <summary>
/// How far an estimate may be off. NannyML's sampling error of the area under the curve counts the chance in one of the two classes only, that of several classes takes them for independent, and calibration by
/// steps that follow the reference closely makes estimates too high: a 95 % interval of it alone would cover as little as 80 % (simulated). The interval goes by the wider of its deviation and ours, and
/// reaches further by what the estimate is known to be too high; the published sampling error stays beside it.
/// </summary>
/// <param name="Deviation">Of a single row; NaN where it is not defined.</param>
/// <param name="Optimism">Estimated minus realised on rows of the reference that the calibration was not fitted on, mean over ten folds; 0 where nothing is calibrated.</param>
internal readonly record struct EstimateSpread(double Deviation, double Optimism)
{
    /// <param name="deviations">By metric.</param>
    /// <param name="metrics">Of rows, with the chance of each class: the truth itself gives what came true.</param>
    /// <param name="calibrated">Chances of rows, as calibrators that were fitted on others give them: rows to score, rows to fit on.</param>
    /// <param name="truth">Chances that are 0 and 1.</param>
    /// <param name="strata">What every fold gets its share of.</param>
    public static IReadOnlyDictionary<string, EstimateSpread> Of(
        IReadOnlyDictionary<string, double> deviations, bool calibrates, double[] strata, int seed, Func<int[], double[][], IReadOnlyDictionary<string, double>> metrics, Func<int[], int[], double[][]> calibrated, double[][] truth)
    {
        var sums = new Dictionary<string, (double Sum, int Folds)>(StringComparer.Ordinal);
        var fold = calibrates ? Calibrator.FoldsOf(strata, seed) : [];
        for (var f = 0; calibrates && f < Calibrator.Folds; f++)
        {
            int[] test = [.. Enumerable.Range(0, fold.Length).Where(i => fold[i] == f)], train = [.. Enumerable.Range(0, fold.Length).Where(i => fold[i] != f)];
            var realised = metrics(test, Array.ConvertAll(test, i => truth[i]));
            foreach (var (metric, expected) in metrics(test, calibrated(test, train)))
            {
                if (!double.IsFinite(expected - realised[metric])) continue;
                var (sum, folds) = sums.GetValueOrDefault(metric);
                sums[metric] = (sum + expected - realised[metric], folds + 1);
            }
        }

        return deviations.ToDictionary(d => d.Key, d => new EstimateSpread(d.Value, sums.TryGetValue(d.Key, out var s) ? s.Sum / s.Folds : 0), StringComparer.Ordinal);
    }
}
