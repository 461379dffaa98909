namespace Serverless.Drift;

/// <summary>p-values corrected for being several.</summary>
internal static class MultipleTesting
{
    /// <summary>Adjusted p-values in the order given: to be compared with the threshold itself. None leaves them as they are.</summary>
    public static double[] Adjust(IReadOnlyList<double> pValues, PValueCorrection correction) => correction switch
    {
        PValueCorrection.Bonferroni => [.. pValues.Select(p => Math.Min(1, p * pValues.Count))],
        PValueCorrection.Bh => BenjaminiHochberg(pValues),
        _ => [.. pValues],
    };

    // The least of p(k) m / k over all ranks from the own one on: Benjamini and Hochberg (1995), as statsmodels' fdr_bh and R's p.adjust.
    private static double[] BenjaminiHochberg(IReadOnlyList<double> pValues)
    {
        var order = Enumerable.Range(0, pValues.Count).OrderByDescending(i => pValues[i]).ToArray();
        var adjusted = new double[pValues.Count];
        var least = 1.0;
        for (var i = 0; i < order.Length; i++)
        {
            least = Math.Min(least, pValues[order[i]] * pValues.Count / (pValues.Count - i));
            adjusted[order[i]] = least;
        }

        return adjusted;
    }
}
