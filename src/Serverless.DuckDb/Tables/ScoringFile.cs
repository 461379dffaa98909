using Serverless.Datasets;
using Serverless.DuckDb.Drops;
using Serverless.DuckDb.Sessions;
using Serverless.Problems;

namespace Serverless.DuckDb.Tables;

/// <summary>A file of rows to score: the columns that a model reads, typed. A value of another type is an error that names its row, since every row gets an answer.</summary>
internal static class ScoringFile
{
    public static Table Read(Session session, string path, string fileName, IReadOnlyList<RawColumn> columns, string scratch, CancellationToken cancel)
    {
        var format = FileFormat.Of(fileName)
            ?? throw new RequestException($"'{fileName}' has no extension that says how to read it: expected {FileFormat.Known}.");
        var dataset = AsContract(columns);
        DropSource source;
        if (format.Kind == FileKind.Parquet)
        {
            source = ParquetSource.Open(session, format.Compressed ? TextScan.Expand(path, scratch, cancel) : path, dataset, cancel);
            if (Typed(session, source, columns, cancel) is { } table) return table;
        }
        else
        {
            var text = TextScan.Run(path, format, scratch, cancel);
            source = format.Kind == FileKind.Csv ? CsvSource.Open(text, format, dataset) : JsonLinesSource.Open(session, text, dataset, cancel);
        }

        session.Execute($"CREATE TABLE rows AS {ContractSql.Select(source, dataset, DateTimeOffset.UnixEpoch)}", cancel);
        if (source.NotesRejects && RejectedLines.Load(session, source.HeaderLines, cancel) is { Count: > 0 } rejects) throw new DropRejectedException(rejects.Example!);
        var bad = session.Rows("SELECT rowid + 1, _check, _raw, _line FROM rows WHERE _check IS NOT NULL ORDER BY rowid LIMIT 1", cancel);
        if (bad.Count > 0) throw new DropRejectedException(Describe(bad[0], columns));
        var select = $"SELECT {string.Join(", ", columns.Select((_, i) => $"v{i}"))} FROM rows ORDER BY rowid";
        return TableReader.Read(session, select, columns, 0, cancel);
    }

    // Columns that cannot hold a wrong value are read as they are. Null where one can, or does (a number that is not finite): then every value is judged, and the first bad one named.
    private static Table? Typed(Session session, DropSource source, IReadOnlyList<RawColumn> columns, CancellationToken cancel)
    {
        if (!source.Cells.Select((c, i) => c == SourceCell.Missing || Holds(c.Type, columns[i].Type)).All(holds => holds)) return null;
        var cells = source.Cells.Select((c, i) => $"CAST({c.Expression} AS {Sql.Type(columns[i].Type)})");
        var table = TableReader.Read(session, $"SELECT {string.Join(", ", cells)} FROM {source.Relation}", columns, 0, cancel);
        return table.Columns.OfType<NumberColumn>().All(Finite) && table.Columns.OfType<TimestampColumn>().All(c => Array.TrueForAll(c.Ticks, t => t >= 0 && t <= DateTime.MaxValue.Ticks)) ? table : null;
    }

    internal static bool Holds(string found, ColumnType wanted) => wanted switch
    {
        ColumnType.Integer => found is "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER",
        ColumnType.Number => found is "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" or "FLOAT" or "DOUBLE",
        ColumnType.Boolean => found is "BOOLEAN",
        ColumnType.String => found is "VARCHAR",
        _ => found is "TIMESTAMP",
    };

    private static bool Finite(NumberColumn column)
    {
        for (var i = 0; i < column.Values.Length; i++)
        {
            if (!double.IsFinite(column.Values[i]) && !column.IsMissing(i)) return false;
        }

        return true;
    }

    // Absent columns are allowed here: the model says what to do with a missing value.
    /// <param name="required">Columns that a model requires are required.</param>
    internal static DatasetDefinition AsContract(IReadOnlyList<RawColumn> columns, bool required = false) => new()
    {
        Name = "input", File = "", ContractVersion = "",
        Partition = new PartitionScheme(null, PartitionGrain.Day),
        Columns = [.. columns.Select(c => new ColumnDefinition { Name = c.Name, Type = c.Type, Required = required && c.Required })],
    };

    private static string Describe(object?[] row, IReadOnlyList<RawColumn> columns)
    {
        var check = ((string)row[1]!).Split(':', 2);
        if (check.Length < 2) return $"row {row[0]}: not a JSON object: {ColumnMatch.Shorten(row[3] as string ?? "")}";
        var index = columns.Select((c, i) => (c.Name, i)).First(c => c.Name == check[1]).i;
        return $"row {row[0]}, column '{check[1]}': '{(row[2] as System.Collections.IList)?[index]}' is not {Article(columns[index].Type)}.";
    }

    private static string Article(ColumnType type) => type switch
    {
        ColumnType.Integer => "an integer",
        ColumnType.Number => "a finite number",
        ColumnType.Boolean => "a boolean",
        ColumnType.Timestamp => "a timestamp (ISO 8601)",
        _ => "a text",
    };
}
