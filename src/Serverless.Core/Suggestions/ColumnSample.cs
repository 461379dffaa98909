using System.Globalization;
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

    /// <summary>Of text and integers with few different values: how often each occurs, the most frequent first, then in ordinal order. Otherwise null.</summary>
    public IReadOnlyList<(string Value, long Count)>? Categories { get; init; }

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
        var sample = new ColumnSample { Column = definition, Rows = rows.Count, Filled = partial.Sum(p => p.filled), Parts = partial, Distinct = 0, Once = 0 };
        return column switch
        {
            StringColumn text => WithTexts(sample, text, rows),
            IntegerColumn whole => WithNumbers(sample, Counts(rows, column, i => whole.Values[i]), v => v, categories: true),
            NumberColumn number => WithNumbers(sample, Counts(rows, column, i => number.Values[i]), v => v, categories: false),
            TimestampColumn time => WithCounts(sample, Counts(rows, column, i => time.Ticks[i])),
            BooleanColumn flag => WithCounts(sample, Counts(rows, column, i => flag.Values[i])),
            _ => sample,
        };
    }

    private static Dictionary<T, long> Counts<T>(IReadOnlyList<int> rows, TableColumn column, Func<int, T> value) where T : notnull
    {
        var counts = new Dictionary<T, long>();
        foreach (var row in rows)
        {
            if (column.IsMissing(row)) continue;
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, value(row), out _)++;
        }

        return counts;
    }

    private static ColumnSample WithCounts<T>(ColumnSample sample, Dictionary<T, long> counts) where T : notnull =>
        sample with { Distinct = counts.Count, Once = counts.Values.LongCount(c => c == 1) };

    private static ColumnSample WithNumbers<T>(ColumnSample sample, Dictionary<T, long> counts, Func<T, double> number, bool categories) where T : notnull => WithCounts(sample, counts) with
    {
        Min = counts.Count == 0 ? null : counts.Keys.Min(number),
        Max = counts.Count == 0 ? null : counts.Keys.Max(number),
        Percentiles = Percentile([.. counts.Select(c => (number(c.Key), c.Value))], sample.Filled),
        Categories = categories ? Sorted(counts.Select(c => (Convert.ToString(c.Key, CultureInfo.InvariantCulture)!, c.Value)), counts.Count) : null,
    };

    private static (double, double, double)? Percentile((double Value, long Count)[] counts, long filled)
    {
        if (filled == 0) return null;
        Array.Sort(counts, (a, b) => a.Value.CompareTo(b.Value));
        double At(double p)
        {
            long seen = 0;
            return counts.First(c => (seen += c.Count) >= p * filled).Value;
        }

        return (At(0.01), At(0.5), At(0.99));
    }

    private static ColumnSample WithTexts(ColumnSample sample, StringColumn column, IReadOnlyList<int> rows)
    {
        var counts = new long[column.Dictionary.Length];
        foreach (var row in rows)
        {
            if (!column.IsMissing(row) && column.Codes[row] >= 0) counts[column.Codes[row]]++;
        }

        var found = column.Dictionary.Select((value, i) => (value, counts[i])).Where(c => c.Item2 > 0).ToArray();
        return sample with
        {
            Distinct = found.Length, Once = found.LongCount(c => c.Item2 == 1), Texts = [.. found.Select(c => c.value)], Categories = Sorted(found, found.Length),
        };
    }

    private static IReadOnlyList<(string, long)>? Sorted(IEnumerable<(string Value, long Count)> counts, int distinct) =>
        distinct is 0 or > MostCategories ? null : [.. counts.OrderByDescending(c => c.Count).ThenBy(c => c.Value, StringComparer.Ordinal)];
}
