using System.Globalization;

namespace Serverless.Drift.Samples;

/// <summary>
/// How often each category, or each bin of numbers, occurs on both sides. Every category occurs on at least one. Numbers: a reference of at most 20 different values is
/// counted value by value, and so is what is new; otherwise the bins end at the deciles of the reference, equal ones taken together, the first and last bins being open.
/// </summary>
internal sealed record Contingency(string[] Labels, long[] Reference, long[] Current, string Rule)
{
    public const int MostValues = 20;
    public const int Bins = 10;

    public int Count => Labels.Length;

    public static Contingency Of(ColumnSample reference, ColumnSample current) =>
        reference.Categories is { } a && current.Categories is { } b ? Union(a, b)
        : reference.Numbers is { } x && current.Numbers is { } y ? x.Distinct(MostValues) <= MostValues ? ByValue(x, y) : ByDecile(x, y)
        : throw new ArgumentException("samples that have neither categories nor numbers in common");

    private static Contingency Union(CategoricalSample a, CategoricalSample b)
    {
        var labels = new List<string>(a.Labels.Length);
        var (before, after) = (new List<long>(a.Labels.Length), new List<long>(a.Labels.Length));
        for (int i = 0, j = 0; i < a.Labels.Length || j < b.Labels.Length;)
        {
            var order = i == a.Labels.Length ? 1 : j == b.Labels.Length ? -1 : string.CompareOrdinal(a.Labels[i], b.Labels[j]);
            labels.Add(order <= 0 ? a.Labels[i] : b.Labels[j]);
            before.Add(order <= 0 ? a.Counts[i++] : 0);
            after.Add(order >= 0 ? b.Counts[j++] : 0);
        }

        return new([.. labels], [.. before], [.. after], "categories as they are");
    }

    private static Contingency ByValue(NumericSample a, NumericSample b)
    {
        var visitor = new ValueVisitor([], [], []);
        PooledValues.Walk(a, b, ref visitor);
        return new([.. visitor.Labels], [.. visitor.Reference], [.. visitor.Current], "each different number is a bin");
    }

    private static Contingency ByDecile(NumericSample a, NumericSample b)
    {
        double[] edges = [.. Enumerable.Range(1, Bins - 1).Select(i => a.Quantile(i / (double)Bins)).Distinct()];
        var (before, after) = (Histogram(a, edges), Histogram(b, edges));
        var kept = Enumerable.Range(0, edges.Length + 1).Where(i => before[i] + after[i] > 0).ToArray();
        return new([.. kept.Select(i => Label(edges, i))], [.. kept.Select(i => before[i])], [.. kept.Select(i => after[i])],
            string.Create(CultureInfo.InvariantCulture, $"{edges.Length + 1} bins between the deciles of the reference"));
    }

    // Bin i holds values in (edge i-1, edge i].
    private static long[] Histogram(NumericSample sample, double[] edges)
    {
        var counts = new long[edges.Length + 1];
        if (sample.Counts is null)
        {
            var from = 0;
            for (var bin = 0; bin < edges.Length; bin++)
            {
                var to = sample.UpperBound(edges[bin], from);
                counts[bin] = to - from;
                from = to;
            }

            counts[^1] = sample.Values.Length - from;
            return counts;
        }

        for (int i = 0, bin = 0; i < sample.Values.Length; i++)
        {
            while (bin < edges.Length && sample.Values[i] > edges[bin]) bin++;
            counts[bin] += sample.Counts[i];
        }

        return counts;
    }

    private static string Label(double[] edges, int bin) =>
        bin == 0 ? string.Create(CultureInfo.InvariantCulture, $"<= {edges[0]:G6}")
        : bin == edges.Length ? string.Create(CultureInfo.InvariantCulture, $"> {edges[^1]:G6}")
        : string.Create(CultureInfo.InvariantCulture, $"{edges[bin - 1]:G6} to {edges[bin]:G6}");

    private struct ValueVisitor(List<string> labels, List<long> reference, List<long> current) : IPooledVisitor
    {
        private long before;
        private long after;

        public readonly List<string> Labels => labels;

        public readonly List<long> Reference => reference;

        public readonly List<long> Current => current;

        public void See(double value, long referenceUpTo, long currentUpTo)
        {
            labels.Add(value.ToString("R", CultureInfo.InvariantCulture));
            reference.Add(referenceUpTo - before);
            current.Add(currentUpTo - after);
            (before, after) = (referenceUpTo, currentUpTo);
        }
    }
}
