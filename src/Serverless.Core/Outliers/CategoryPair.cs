using System.Globalization;
using Serverless.Datasets;

namespace Serverless.Outliers;

/// <summary>
/// Which values of two columns stood together in training. A pair that never did is unusual where many rows should have had it if the columns had nothing to do with each other.
/// </summary>
/// <param name="First">Place in the detector's categories.</param>
/// <param name="Seen">Pairs as first * (values of the second) + second, ascending.</param>
public sealed record CategoryPair(int First, int Second, IReadOnlyList<int> Seen)
{
    /// <summary>Rows that would be expected by chance: with 20, none at all is seen once in half a billion.</summary>
    internal const double Expected = 20;

    private const int MostValues = 500;

    private readonly HashSet<int> seen = [.. Seen];

    /// <param name="a">Place of the first column's value, of those seen in training.</param>
    public string? Judge(ColumnCategories first, int a, ColumnCategories second, int b, long rows)
    {
        var expected = (double)first.Counts[a] * second.Counts[b] / rows;
        return expected < Expected || seen.Contains(a * second.Values.Count + b) ? null
            : string.Create(CultureInfo.InvariantCulture, $"{first.Column} '{ColumnCategories.Cut(first.Values[a])}' with {second.Column} '{ColumnCategories.Cut(second.Values[b])}': never together in training, where {expected:0} rows would be expected by chance");
    }

    internal static CategoryPair? Of(IReadOnlyList<ColumnCategories> all, int first, int second, Table table, int[] rows)
    {
        var (a, b) = (all[first], all[second]);
        if (a.Values.Count > MostValues || b.Values.Count > MostValues) return null;
        var (left, right) = (table[a.Column], table[b.Column]);
        var found = new HashSet<int>();
        foreach (var row in rows)
        {
            if (ColumnCategories.Text(left, row) is { } x && ColumnCategories.Text(right, row) is { } y) found.Add(a.Find(x) * b.Values.Count + b.Find(y));
        }

        return new CategoryPair(first, second, [.. found.Order()]);
    }
}
