namespace Serverless.Features;

/// <summary>Figures of sorted values.</summary>
internal static class Quantiles
{
    /// <summary>Linear between neighbours, as numpy's default (Hyndman and Fan 1996, type 7).</summary>
    public static double OfSorted(ReadOnlySpan<double> sorted, double p)
    {
        var at = p * (sorted.Length - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /// <summary>The value that stands there most often; the smallest of several.</summary>
    public static double MostFrequent(ReadOnlySpan<double> sorted)
    {
        var (best, most, start) = (double.NaN, 0, 0);
        for (var i = 1; i <= sorted.Length; i++)
        {
            if (i < sorted.Length && sorted[i] == sorted[start]) continue;
            if (i - start > most) (best, most) = (sorted[start], i - start);
            start = i;
        }

        return best;
    }
}
