using Serverless.Datasets;

namespace Serverless.Suggestions;

/// <summary>Some rows of a table as a table.</summary>
internal static class TableRows
{
    public static Table Take(Table table, IReadOnlyList<int> rows) => new(rows.Count, [.. table.Columns.Select(c => Take(c, rows))]);

    private static TableColumn Take(TableColumn column, IReadOnlyList<int> rows)
    {
        var missing = column.Missing is null ? null : Pick(column.Missing, rows);
        return column switch
        {
            IntegerColumn c => c with { Values = Pick(c.Values, rows), Missing = missing },
            NumberColumn c => c with { Values = Pick(c.Values, rows), Missing = missing },
            BooleanColumn c => c with { Values = Pick(c.Values, rows), Missing = missing },
            TimestampColumn c => c with { Ticks = Pick(c.Ticks, rows), Missing = missing },
            StringColumn c => c with { Codes = Pick(c.Codes, rows), Missing = missing },
            _ => throw new ArgumentException($"unknown column type {column.Type}", nameof(column)),
        };
    }

    private static T[] Pick<T>(T[] values, IReadOnlyList<int> rows)
    {
        var picked = new T[rows.Count];
        for (var i = 0; i < picked.Length; i++) picked[i] = values[rows[i]];
        return picked;
    }
}
