using System.Globalization;
using Serverless.Datasets;

namespace Serverless.Outliers;

/// <summary>The training values of a text or a truth, and in how many rows each stood.</summary>
/// <param name="Values">Most frequent first.</param>
/// <param name="Rows">Training rows that have a value.</param>
public sealed record ColumnCategories(string Column, IReadOnlyList<string> Values, IReadOnlyList<long> Counts, long Rows)
{
    /// <summary>A column with more values is none of categories: names, ids, texts.</summary>
    internal const int Most = 5_000;

    private readonly Dictionary<string, int> index = Values.Select((v, i) => (v, i)).ToDictionary(v => v.v, v => v.i, StringComparer.Ordinal);

    /// <summary>Place of a value in <see cref="Values"/>, or -1.</summary>
    public int Find(string value) => index.TryGetValue(value, out var at) ? at : -1;

    /// <param name="found">As <see cref="Find"/> gives it.</param>
    /// <param name="rare">Share of the training rows below which a value is rare.</param>
    public string? Judge(string value, int found, double rare) =>
        found < 0 ? $"{Column}: '{Cut(value)}' was never seen in training"
        : Counts[found] < rare * Rows ? string.Create(CultureInfo.InvariantCulture, $"{Column}: '{Cut(value)}' is rare: {Counts[found]} of {Rows} training rows") : null;

    internal static ColumnCategories? Of(TableColumn column, int[] rows)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var all = 0L;
        foreach (var row in rows)
        {
            if (Text(column, row) is not { } text) continue;
            all++;
            counts[text] = counts.GetValueOrDefault(text) + 1;
            if (counts.Count > Most) return null;
        }

        // Values that are mostly their own are names, not categories.
        if (counts.Count == 0 || counts.Count > Math.Max(2, all / 2)) return null;
        var ordered = counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).ToArray();
        return new ColumnCategories(column.Name, [.. ordered.Select(c => c.Key)], [.. ordered.Select(c => c.Value)], all);
    }

    internal static string? Text(TableColumn column, int row) => column.IsMissing(row) ? null : column switch
    {
        StringColumn c => c[row],
        BooleanColumn c => c.Values[row] ? "true" : "false",
        _ => null,
    };

    internal static string Cut(string value) => value.Length <= 60 ? value : value[..60] + "...";
}
