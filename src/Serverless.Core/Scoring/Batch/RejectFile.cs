using System.Globalization;
using Serverless.Datasets;

namespace Serverless.Scoring;

/// <summary>Rejected rows as a table: <c>_row</c>, <c>_check</c>, <c>_reason</c>, every column as text, <c>_line</c>.</summary>
internal static class RejectFile
{
    public static Table Write(IReadOnlyList<RejectedRow> rejects, IReadOnlyList<RawColumn> columns) => new(rejects.Count,
    [
        new IntegerColumn("_row", [.. rejects.Select(r => r.Number)], null),
        Text("_check", rejects, r => r.Check),
        Text("_reason", rejects, r => Reason(r, columns)),
        .. columns.Select((c, i) => Text(c.Name, rejects, r => r.Cells?[i])),
        Text("_line", rejects, r => r.Line),
    ]);

    /// <summary>What is wrong, in words: <c>column 'distance': 'far' is not an integer</c>.</summary>
    public static string Reason(RejectedRow row, IReadOnlyList<RawColumn> columns)
    {
        var check = row.Check.Split(':', 2);
        if (check.Length < 2) return check[0] == "json" ? "the line is no JSON object" : "the line cannot be cut into as many columns as the header has";
        var at = -1;
        for (var i = 0; i < columns.Count; i++) if (columns[i].Name == check[1]) at = i;
        var value = at < 0 ? null : row.Cells?[at];
        return $"column '{check[1]}': " + check[0] switch
        {
            "required" => "required, but missing",
            "finite" => $"'{value}' is not a finite number",
            "type" when at >= 0 => $"'{Short(value)}' is not {Kind(columns[at].Type)}",
            _ => check[0],
        };
    }

    /// <summary>The values of a row as text.</summary>
    public static string?[] Cells(Table rows, int row, IReadOnlyList<RawColumn> columns) => [.. columns.Select(c => rows.Has(c.Name) ? Cell(rows[c.Name], row) : null)];

    /// <summary>A value as text: times as RFC 3339, numbers so that they are the same when read again. Null when it is missing.</summary>
    public static string? Cell(TableColumn column, int row) => column.IsMissing(row) ? null : column switch
    {
        IntegerColumn c => c.Values[row].ToString(CultureInfo.InvariantCulture),
        NumberColumn c => c.Values[row].ToString("R", CultureInfo.InvariantCulture),
        BooleanColumn c => c.Values[row] ? "true" : "false",
        TimestampColumn c => c.Ticks[row] is >= 0 and <= 3155378975999999999 ? new DateTime(c.Ticks[row], DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture) : $"{c.Ticks[row]}",
        StringColumn c => c[row],
        _ => null,
    };

    private static StringColumn Text(string name, IReadOnlyList<RejectedRow> rows, Func<RejectedRow, string?> of)
    {
        var codes = new int[rows.Count];
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < codes.Length; i++)
        {
            if (of(rows[i]) is not { } text) codes[i] = -1;
            else if (known.TryGetValue(text, out var code)) codes[i] = code;
            else known[text] = codes[i] = known.Count;
        }

        return new StringColumn(name, codes, [.. known.Keys], null);
    }

    private static string? Short(string? text) => text is { Length: > 100 } ? text[..97] + "..." : text;

    private static string Kind(ColumnType type) => type switch
    {
        ColumnType.Integer => "a whole number",
        ColumnType.Number => "a number",
        ColumnType.Boolean => "true or false",
        ColumnType.Timestamp => "a time (ISO 8601)",
        _ => "a text",
    };
}
