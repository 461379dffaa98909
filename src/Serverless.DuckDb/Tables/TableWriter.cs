using DuckDB.NET.Data;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Tables;

/// <summary>A table of memory into a Parquet file, by the engine's appender.</summary>
internal static class TableWriter
{
    public static void Write(Session session, string path, Table table, CancellationToken cancel)
    {
        session.Execute($"CREATE TABLE rows ({string.Join(", ", table.Columns.Select(c => $"{Sql.Name(c.Name)} {Sql.Type(c.Type)}"))})", cancel);
        session.Append("rows", table.Rows, (appender, row) =>
        {
            foreach (var column in table.Columns) Append(appender, column, row);
        }, cancel);
        session.Execute($"COPY (SELECT * FROM rows ORDER BY rowid) TO {Sql.Text(path)} (FORMAT parquet, COMPRESSION zstd)", cancel);
    }

    private static void Append(IDuckDBAppenderRow row, TableColumn column, int index)
    {
        if (column.IsMissing(index))
        {
            row.AppendNullValue();
            return;
        }

        switch (column)
        {
            case IntegerColumn integers: row.AppendValue(integers.Values[index]); break;
            case NumberColumn numbers: row.AppendValue(numbers.Values[index]); break;
            case BooleanColumn booleans: row.AppendValue(booleans.Values[index]); break;
            case TimestampColumn times: row.AppendValue(new DateTime(times.Ticks[index], DateTimeKind.Utc)); break;
            case StringColumn texts: row.AppendValue(texts[index]); break;
        }
    }
}
