namespace Serverless.Training;

/// <summary>Parts rows by time.</summary>
internal static class TimeSplit
{
    /// <summary>
    /// The rows before a moment, and those from it on, in their order, so that about <paramref name="share"/> of the rows (at least one) are in the second part. Rows of one moment stay together.
    /// Null when all rows are of one moment.
    /// </summary>
    public static (int[] Before, int[] From)? Last(long[] ticks, double share)
    {
        if (ticks.Length < 2) return null;
        var sorted = (long[])ticks.Clone();
        Array.Sort(sorted);
        var cut = sorted[Math.Clamp((int)Math.Round(ticks.Length * (1 - share)), 1, ticks.Length - 1)];
        if (cut == sorted[0])
        {
            var next = Array.FindIndex(sorted, t => t > cut);
            if (next < 0) return null;
            cut = sorted[next];
        }

        var (before, from) = (new List<int>(ticks.Length), new List<int>());
        for (var i = 0; i < ticks.Length; i++) (ticks[i] < cut ? before : from).Add(i);
        return ([.. before], [.. from]);
    }
}
