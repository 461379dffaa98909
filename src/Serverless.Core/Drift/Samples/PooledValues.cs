namespace Serverless.Drift.Samples;

/// <summary>Sees each different value of two samples together, ascending.</summary>
internal interface IPooledVisitor
{
    /// <param name="reference">Values of the reference that are at most <paramref name="value"/>.</param>
    /// <param name="current">Values of the current sample that are at most <paramref name="value"/>.</param>
    void See(double value, long reference, long current);
}

/// <summary>One merging walk over two sorted samples; every statistic that depends on order only is a visitor of it.</summary>
internal static class PooledValues
{
    // A struct visitor makes the compiler write the loop anew for each statistic, without calls.
    public static void Walk<TVisitor>(NumericSample reference, NumericSample current, ref TVisitor visitor) where TVisitor : struct, IPooledVisitor
    {
        if (reference.Counts is null && current.Counts is null) Plain(reference.Values, current.Values, ref visitor);
        else Counted(reference, current, ref visitor);
    }

    private static void Plain<TVisitor>(double[] a, double[] b, ref TVisitor visitor) where TVisitor : struct, IPooledVisitor
    {
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            var (x, y) = (a[i], b[j]);
            var value = x <= y ? x : y;
            if (x <= y) i++;
            if (y <= x) j++;
            while (i < a.Length && a[i] == value) i++;
            while (j < b.Length && b[j] == value) j++;
            visitor.See(value, i, j);
        }

        while (i < a.Length)
        {
            var value = a[i++];
            while (i < a.Length && a[i] == value) i++;
            visitor.See(value, i, j);
        }

        while (j < b.Length)
        {
            var value = b[j++];
            while (j < b.Length && b[j] == value) j++;
            visitor.See(value, i, j);
        }
    }

    private static void Counted<TVisitor>(NumericSample a, NumericSample b, ref TVisitor visitor) where TVisitor : struct, IPooledVisitor
    {
        int i = 0, j = 0;
        long before = 0, after = 0;
        while (i < a.Values.Length || j < b.Values.Length)
        {
            var value = i == a.Values.Length ? b.Values[j] : j == b.Values.Length ? a.Values[i] : Math.Min(a.Values[i], b.Values[j]);
            for (; i < a.Values.Length && a.Values[i] == value; i++) before += a.CountAt(i);
            for (; j < b.Values.Length && b.Values[j] == value; j++) after += b.CountAt(j);
            visitor.See(value, before, after);
        }
    }
}
