namespace Serverless.Statistics;

/// <summary>Quantile of sorted values, linear between order statistics: as <c>numpy.quantile</c>.</summary>
internal static class SortedQuantile
{
    /// <param name="sorted">In rising order, one at least.</param>
    public static double Of(double[] sorted, double p)
    {
        var at = p * (sorted.Length - 1);
        var below = (int)Math.Floor(at);
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below]));
    }
}
