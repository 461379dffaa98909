namespace Serverless.Datasets;

/// <summary>Some rows of a table.</summary>
public static class TableRows
{
    /// <summary>The rows of these numbers, in their order.</summary>
    public static Table Take(this Table table, int[] rows) => new(rows.Length, [.. table.Columns.Select(c => c.Take(rows))]);

    /// <summary>The values of these rows. A text column keeps its dictionary.</summary>
    public static TableColumn Take(this TableColumn column, int[] rows)
    {
        var missing = column.Missing is { } m ? Pick(m, rows) : null;
        return column switch
        {
            IntegerColumn c => new IntegerColumn(c.Name, Pick(c.Values, rows), missing),
            NumberColumn c => new NumberColumn(c.Name, Pick(c.Values, rows), missing),
            BooleanColumn c => new BooleanColumn(c.Name, Pick(c.Values, rows), missing),
            TimestampColumn c => new TimestampColumn(c.Name, Pick(c.Ticks, rows), missing),
            StringColumn c => new StringColumn(c.Name, Pick(c.Codes, rows), c.Dictionary, missing),
            _ => throw new ArgumentOutOfRangeException(nameof(column), column.GetType().Name, "a column type without rows"),
        };
    }

    private static T[] Pick<T>(T[] values, int[] rows)
    {
        var picked = new T[rows.Length];
        for (var i = 0; i < rows.Length; i++) picked[i] = values[rows[i]];
        return picked;
    }
}
