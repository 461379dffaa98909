using Serverless.Drift.Statistics;

namespace Serverless.Drift.Multivariate;

/// <summary>
/// How well scores tell two groups apart: the area under the ROC curve, which is the chance that a score of the second group is above one of the first (ties count half).
/// Its one-sided p-value is Mann and Whitney's with the normal approximation, corrected for ties and continuity (as SciPy's <c>mannwhitneyu(method="asymptotic")</c>).
/// </summary>
internal static class MannWhitney
{
    /// <returns>Area in [0, 1], and the chance of one as large when the groups do not differ.</returns>
    public static (double Area, double PValue) Greater(double[] first, double[] second)
    {
        double n = first.Length, m = second.Length;
        double[] all = [.. first, .. second];
        bool[] ofSecond = [.. Enumerable.Repeat(false, first.Length), .. Enumerable.Repeat(true, second.Length)];
        Array.Sort(all, ofSecond);
        double ranks = 0, ties = 0;
        for (var i = 0; i < all.Length;)
        {
            var end = i + 1;
            while (end < all.Length && all[end] == all[i]) end++;
            double count = end - i, rank = (i + 1 + end) / 2.0;
            for (var k = i; k < end; k++) ranks += ofSecond[k] ? rank : 0;
            ties += (count * count * count) - count;
            i = end;
        }

        var u = ranks - (m * (m + 1) / 2);
        var total = n + m;
        var deviation = Math.Sqrt(n * m / 12 * (total + 1 - (ties / (total * (total - 1)))));
        if (!(deviation > 0)) return (0.5, 1);
        var z = (u - (n * m / 2) - 0.5) / deviation;
        var tail = ChiSquare.TwoSidedNormal(z) / 2;
        return (u / (n * m), z > 0 ? tail : 1 - tail);
    }
}
