namespace Serverless.Drift.Shape;

/// <summary>
/// Values unlike their neighbours on both sides, where those agree with each other. Distance from the median of the neighbours (three on each side) is measured in the
/// noise between neighbours: 1.4826 times the median absolute difference of such residuals (Hampel 1974).
/// </summary>
internal static class IsolatedValues
{
    // Of 365 normal values one is beyond 6 deviations once in a million years; neighbours' medians make it somewhat more.
    private const double Deviations = 6;
    private const int Neighbours = 3;

    /// <returns>
    /// The series with isolated values replaced by what was usual around them, and their places; and where the last values begin that are unlike those before them, too few to tell what they are; null when
    /// there are none.
    /// </returns>
    public static (double[] Series, IReadOnlyList<int> Places, int? Newest) SetAside(double[] values)
    {
        var (usual, residuals) = (new double[values.Length], new double[values.Length]);
        for (var i = 0; i < values.Length; i++)
        {
            usual[i] = Series.Median([.. Around(values, i)]);
            residuals[i] = Math.Abs(values[i] - usual[i]);
        }

        var noise = 1.4826 * Series.Median([.. residuals]);
        if (noise <= 0) noise = 1e-9 * Math.Max(1e-300, values.Max(Math.Abs));
        var suspects = Enumerable.Range(0, values.Length).Where(i => residuals[i] > Deviations * noise).ToHashSet();
        var places = new List<int>();
        int? newest = null;
        foreach (var i in suspects.Order())
        {
            // A run of unusual values is an excursion; and at a step the values on one side are as unusual as those on the other.
            var from = i;
            while (from > 0 && suspects.Contains(from - 1)) from--;
            var to = i;
            while (to < values.Length - 1 && suspects.Contains(to + 1)) to++;
            if (to - from + 1 > ShapeFinder.LongestBlip || from == 0) continue;
            if (to == values.Length - 1)
            {
                newest = from;
                continue;
            }

            var (before, after) = (Series.Median(values[Math.Max(0, from - Neighbours)..from]), Series.Median(values[(to + 1)..Math.Min(values.Length, to + 1 + Neighbours)]));
            if (Math.Abs(before - after) < Math.Abs(values[i] - ((before + after) / 2)) / 2) places.Add(i);
        }

        var series = (double[])values.Clone();
        foreach (var i in places) series[i] = Series.Median([.. Enumerable.Range(Math.Max(0, i - Neighbours - 1), Math.Min(values.Length, i + Neighbours + 2) - Math.Max(0, i - Neighbours - 1)).Where(k => !places.Contains(k)).Select(k => values[k])]);
        return (series, places, newest);
    }

    private static IEnumerable<double> Around(double[] values, int i)
    {
        for (var k = Math.Max(0, i - Neighbours); k <= Math.Min(values.Length - 1, i + Neighbours); k++)
        {
            if (k != i) yield return values[k];
        }
    }
}
