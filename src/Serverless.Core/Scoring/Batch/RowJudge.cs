using Serverless.Datasets;

namespace Serverless.Scoring;

/// <summary>Which rows a model takes, by the rules of a request: every required column has a value, numbers are finite.</summary>
internal static class RowJudge
{
    public const string RowColumn = "_row";

    /// <summary>The good rows with their numbers in <see cref="RowColumn"/>, and the bad ones.</summary>
    /// <param name="before">Added to the numbers.</param>
    public static (Table Good, IReadOnlyList<RejectedRow> Bad) Split(RowPart part, IReadOnlyList<RawColumn> columns, long before = 0)
    {
        var bad = new List<RejectedRow>(part.Rejects.Select(r => r with { Number = r.Number + before }));
        bool[]? gone = null;
        foreach (var reject in bad) if (reject.Index is { } index) (gone ??= new bool[part.Rows.Rows])[index] = true;
        var found = bad.Count;
        foreach (var column in columns)
        {
            var required = column.Required && column.Lookup is null;
            if (!part.Rows.Has(column.Name) || part.Rows[column.Name] is not { } values) continue;
            var numbers = values as NumberColumn;
            if ((!required || values.Missing is null) && numbers is null) continue;
            for (var row = 0; row < part.Rows.Rows; row++)
            {
                if (gone?[row] == true) continue;
                var missing = values.IsMissing(row) || values is StringColumn text && text.Codes[row] < 0;
                var check = missing ? required ? "required" : null : numbers is not null && !double.IsFinite(numbers.Values[row]) ? "finite" : null;
                if (check is null) continue;
                (gone ??= new bool[part.Rows.Rows])[row] = true;
                bad.Add(new RejectedRow(part.Numbers[row] + before, row, $"{check}:{column.Name}", RejectFile.Cells(part.Rows, row, columns), null));
            }
        }

        if (bad.Count > found) bad.Sort((a, b) => a.Number.CompareTo(b.Number));
        if (gone is null) return (With(part.Rows, before == 0 ? part.Numbers : Array.ConvertAll(part.Numbers, n => n + before)), bad);
        int[] kept = [.. Enumerable.Range(0, part.Rows.Rows).Where(i => !gone[i])];
        return (With(TableRows.Take(part.Rows, kept), Array.ConvertAll(kept, i => part.Numbers[i] + before)), bad);
    }

    private static Table With(Table rows, long[] numbers) => new(rows.Rows, [new IntegerColumn(RowColumn, numbers, null), .. rows.Columns]);
}
