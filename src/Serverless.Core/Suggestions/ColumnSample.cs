using System.Globalization;
using System.Runtime.InteropServices;
using Serverless.Datasets;

namespace Serverless.Suggestions;

/// <summary>What rules see of a column: figures of the rows that suggestions are made from.</summary>
public sealed record ColumnSample
{
    public required ColumnDefinition Column { get; init; }

    public required long Rows { get; init; }

    /// <summary>Rows with a value.</summary>
    public required long Filled { get; init; }

    /// <summary>Rows and filled rows of each partition; one of them for a file.</summary>
    public required IReadOnlyList<(long Rows, long Filled)> Parts { get; init; }

    public double Completeness => Rows == 0 ? 0 : (double)Filled / Rows;

    /// <summary>Different values.</summary>
    public required long Distinct { get; init; }

    /// <summary>Values that occur once.</summary>
    public required long Once { get; init; }

    /// <summary>Values that occur once in their partition, of each partition.</summary>
    public required IReadOnlyList<long> OnceInParts { get; init; }

    /// <summary>Of text and integers with few different values: how often each occurs, the most frequent first, then in ordinal order. Otherwise null.</summary>
    public IReadOnlyList<(string Value, long Count)>? Categories { get; init; }

    /// <summary>How often each of <see cref="Categories"/> occurs in each partition, in the same order; null where those are.</summary>
    public IReadOnlyList<IReadOnlyList<long>>? CategoriesInParts { get; init; }

    /// <summary>Of numbers.</summary>
    public double? Min { get; init; }

    public double? Max { get; init; }

    /// <summary>Of numbers: the first, fiftieth and ninety-ninth percentile (nearest rank).</summary>
    public (double P1, double P50, double P99)? Percentiles { get; init; }

    /// <summary>Of text: every different value. Otherwise null.</summary>
    public IReadOnlyCollection<string>? Texts { get; init; }

    /// <summary>Different values up to which a column counts as categories (Deequ: 120).</summary>
    public const int MostCategories = 120;

    internal static ColumnSample Of(ColumnDefinition definition, TableColumn column, IReadOnlyList<int> rows, IReadOnlyList<(int Start, int Count)> parts)
    {
        var partial = parts.Select(p =>
        {
            long filled = 0;
            for (var i = p.Start; i < p.Start + p.Count; i++) filled += column.IsMissing(rows[i]) ? 0 : 1;
            return ((long)p.Count, filled);
        }).ToArray();
        var sample = new ColumnSample { Column = definition, Rows = rows.Count, Filled = partial.Sum(p => p.filled), Parts = partial, Distinct = 0, Once = 0, OnceInParts = [] };
        Counted<T> Count<T>(Func<int, T> value) where T : notnull => Counted<T>.Of(rows, parts, column, value);
        return column switch
        {
            StringColumn text => WithTexts(sample, text, Count(i => text.Codes[i])),
            IntegerColumn whole => WithIntegers(sample, Count(i => whole.Values[i])),
            NumberColumn number => WithNumbers(sample, Count(i => number.Values[i]), v => v),
            TimestampColumn time => WithCounts(sample, Count(i => time.Ticks[i])),
            BooleanColumn flag => WithCounts(sample, Count(i => flag.Values[i])),
            _ => sample,
        };
    }

    private static ColumnSample WithCounts<T>(ColumnSample sample, Counted<T> counts) where T : notnull =>
        sample with { Distinct = counts.All.Count, Once = counts.All.Values.LongCount(c => c == 1), OnceInParts = counts.OnceInParts };

    private static ColumnSample WithNumbers<T>(ColumnSample sample, Counted<T> counts, Func<T, double> number) where T : notnull
    {
        // A file that another program stored may hold NaN and infinity, which have no place in a range.
        (double Value, long Count)[] finite = [.. counts.All.Select(c => (number(c.Key), c.Value)).Where(c => double.IsFinite(c.Item1)).OrderBy(c => c.Item1)];
        return WithCounts(sample, counts) with
        {
            Min = finite.Length == 0 ? null : finite[0].Value, Max = finite.Length == 0 ? null : finite[^1].Value, Percentiles = Percentile(finite),
        };
    }

    private static ColumnSample WithIntegers(ColumnSample sample, Counted<long> counts) =>
        WithCategories(WithNumbers(sample, counts, v => v), counts, v => v.ToString(CultureInfo.InvariantCulture));

    private static (double, double, double)? Percentile((double Value, long Count)[] sorted)
    {
        if (sorted.Length == 0) return null;
        var filled = sorted.Sum(c => c.Count);
        double At(double p)
        {
            long seen = 0;
            return sorted.First(c => (seen += c.Count) >= p * filled).Value;
        }

        return (At(0.01), At(0.5), At(0.99));
    }

    private static ColumnSample WithTexts(ColumnSample sample, StringColumn column, Counted<int> counts) =>
        WithCategories(WithCounts(sample, counts) with { Texts = [.. counts.All.Keys.Select(c => column.Dictionary[c])] }, counts, c => column.Dictionary[c]);

    private static ColumnSample WithCategories<T>(ColumnSample sample, Counted<T> counts, Func<T, string> text) where T : notnull
    {
        if (counts.All.Count == 0 || counts.InParts is not { } parts) return sample;
        var sorted = counts.All.Select(c => (c.Key, Value: text(c.Key), Count: c.Value)).OrderByDescending(c => c.Count).ThenBy(c => c.Value, StringComparer.Ordinal).ToArray();
        return sample with { Categories = [.. sorted.Select(c => (c.Value, c.Count))], CategoriesInParts = [.. parts.Select(p => (IReadOnlyList<long>)[.. sorted.Select(c => p.GetValueOrDefault(c.Key))])] };
    }

    /// <param name="InParts">Counts of each partition; null when there are more different values than <see cref="MostCategories"/>.</param>
    private sealed record Counted<T>(Dictionary<T, long> All, IReadOnlyList<long> OnceInParts, IReadOnlyList<Dictionary<T, long>>? InParts) where T : notnull
    {
        public static Counted<T> Of(IReadOnlyList<int> rows, IReadOnlyList<(int Start, int Count)> parts, TableColumn column, Func<int, T> value)
        {
            var all = new Dictionary<T, long>();
            var once = new long[parts.Count];
            List<Dictionary<T, long>>? kept = [];
            for (var p = 0; p < parts.Count; p++)
            {
                var counts = parts.Count == 1 ? all : [];
                for (var i = parts[p].Start; i < parts[p].Start + parts[p].Count; i++)
                {
                    if (!column.IsMissing(rows[i])) CollectionsMarshal.GetValueRefOrAddDefault(counts, value(rows[i]), out _)++;
                }

                once[p] = counts.Values.LongCount(c => c == 1);
                if (counts != all)
                {
                    foreach (var (key, count) in counts) CollectionsMarshal.GetValueRefOrAddDefault(all, key, out _) += count;
                }

                if (all.Count > MostCategories) kept = null;
                kept?.Add(counts);
            }

            return new Counted<T>(all, once, kept);
        }
    }
}
