using System.Globalization;
using System.Text;
using Serverless.Datasets;

namespace Serverless.DuckDb.Sessions;

/// <summary>Pieces of SQL, quoted so that no name, path or value can break out.</summary>
internal static class Sql
{
    public static string Name(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    // A statement ends at a character 0, so one within a text is put in by its number.
    public static string Text(string text) => text.Contains('\0') ? "(" + string.Join(" || chr(0) || ", text.Split('\0').Select(Text)) + ")" : "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture) + "::DOUBLE";

    public static string Texts(IEnumerable<string> texts) => "[" + string.Join(", ", texts.Select(Text)) + "]";

    /// <summary>A path to read: DuckDB takes * ? [ in it as a pattern, so they are escaped.</summary>
    public static string Path(string path)
    {
        var escaped = new StringBuilder(path.Length + 8);
        foreach (var c in path)
        {
            if (c is '*' or '?' or '[') escaped.Append('[').Append(c).Append(']');
            else escaped.Append(c);
        }

        return Text(escaped.ToString());
    }

    public static string Paths(IEnumerable<string> paths) => "[" + string.Join(", ", paths.Select(Path)) + "]";

    public static string Timestamp(DateTimeOffset time) =>
        $"TIMESTAMP '{time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}'";

    public static string Type(ColumnType type) => type switch
    {
        ColumnType.Integer => "BIGINT",
        ColumnType.Number => "DOUBLE",
        ColumnType.Boolean => "BOOLEAN",
        ColumnType.Timestamp => "TIMESTAMP",
        _ => "VARCHAR",
    };
}
