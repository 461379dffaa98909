using Serverless.Datasets;
using Serverless.DuckDb.Drops;
using Serverless.DuckDb.Facts;
using Serverless.DuckDb.Sessions;
using Serverless.Problems;
using Serverless.Profiles;

namespace Serverless.DuckDb.Tables;

/// <summary>A file without a contract: the engine detects the types of its columns from all its rows.</summary>
internal static class DetectedFile
{
    public static Profile Profile(Session session, string path, string fileName, string scratch, CancellationToken cancel)
    {
        var (columns, cells) = Load(session, path, fileName, scratch, cancel);
        return new Inspector(session, $"(SELECT {cells}, NULL::TIMESTAMP AS _key FROM detected)", columns, null).Whole(cancel).Profile;
    }

    public static Table Read(Session session, string path, string fileName, string scratch, CancellationToken cancel)
    {
        var (columns, cells) = Load(session, path, fileName, scratch, cancel);
        return TableReader.Read(session, $"SELECT {cells} FROM detected ORDER BY rowid", [.. columns.Select(c => new RawColumn(c.Name, c.Type, false))], 0, cancel);
    }

    private static (ColumnDefinition[] Columns, string Cells) Load(Session session, string path, string fileName, string scratch, CancellationToken cancel)
    {
        var format = FileFormat.Of(fileName)
            ?? throw new RequestException($"'{fileName}' has no extension that says how to read it: expected {FileFormat.Known}.");
        session.Execute($"CREATE TABLE detected AS SELECT * FROM {Relation(path, format, scratch, cancel)}", cancel);
        var found = session.Rows("DESCRIBE detected", cancel).Select(r => ((string)r[0]!, (string)r[1]!)).ToList();
        ColumnDefinition[] columns = [.. found.Select(f => new ColumnDefinition { Name = f.Item1, Type = TypeOf(f.Item2) })];
        return (columns, string.Join(", ", columns.Select((c, i) => $"{Cell(Sql.Name(c.Name), found[i].Item2, c.Type)} AS {Sql.Name(c.Name)}")));
    }

    internal static string Relation(string path, FileFormat format, string scratch, CancellationToken cancel)
    {
        if (format.Kind == FileKind.Parquet) return $"read_parquet({Sql.Path(format.Compressed ? TextScan.Expand(path, scratch, cancel) : path)}, hive_partitioning=false)";
        var text = TextScan.Run(path, format, scratch, cancel);
        if (text.Head.AsSpan().Trim().IsEmpty) throw new DropRejectedException("the file is empty.");
        return format.Kind == FileKind.Csv
            ? $"read_csv({Sql.Path(text.Path)}, header=true, delim={Sql.Text(format.Delimiter.ToString())}, quote='\"', escape='\"', sample_size=-1, max_line_size={TextScan.LongestLine})"
            : $"read_json({Sql.Path(text.Path)}, format='newline_delimited', sample_size=-1)";
    }

    internal static ColumnType TypeOf(string type) => type switch
    {
        "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" => ColumnType.Integer,
        "FLOAT" or "DOUBLE" or "UBIGINT" or "HUGEINT" => ColumnType.Number,
        "BOOLEAN" => ColumnType.Boolean,
        "DATE" => ColumnType.Timestamp,
        _ when type.StartsWith("DECIMAL", StringComparison.Ordinal) => ColumnType.Number,
        _ when type.StartsWith("TIMESTAMP", StringComparison.Ordinal) => ColumnType.Timestamp,
        _ => ColumnType.String,
    };

    internal static string Cell(string name, string found, ColumnType type) => type switch
    {
        ColumnType.Timestamp when found.Contains("TIME ZONE", StringComparison.Ordinal) => $"timezone('UTC', {name})",
        ColumnType.Number => $"CASE WHEN isfinite(CAST({name} AS DOUBLE)) THEN CAST({name} AS DOUBLE) END",
        _ => $"CAST({name} AS {Sql.Type(type)})",
    };
}
