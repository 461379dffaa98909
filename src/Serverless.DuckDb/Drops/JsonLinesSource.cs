using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Drops;

/// <summary>JSON Lines: one object on each line. A line that is not one goes to quarantine; a file without any is refused.</summary>
internal static class JsonLinesSource
{
    private const int Sampled = 10_000;

    public static DropSource Open(Session session, TextScan.Scanned text, DatasetDefinition dataset, CancellationToken cancel)
    {
        var start = text.Head.AsSpan().Trim();
        if (start.IsEmpty) throw new DropRejectedException("the file is empty: expected a JSON object on each line.");
        if (start[0] == '[') throw new DropRejectedException("line 1: the file is a JSON array; expected JSON Lines, one object on each line (jq -c '.[]' converts it).");

        var lines = Lines(text.Path);
        var keys = session.Rows($"SELECT DISTINCT unnest(json_keys(line)) AS k FROM (SELECT line FROM {lines} WHERE {IsObject} LIMIT {Sampled}) ORDER BY k", cancel)
            .Select(r => (string)r[0]!).ToList();
        if (keys.Count == 0) throw new DropRejectedException("line 1: not a JSON object, and neither is any other line; expected JSON Lines, one object on each line.");
        ColumnMatch.Run(keys, dataset, $"in the first {Math.Min(Sampled, text.Lines):N0} lines");

        var paths = Sql.Texts(dataset.Columns.Select(c => Pointer(c.Name)));
        return new DropSource
        {
            Relation = $"(SELECT line, CASE WHEN {IsObject} THEN json_extract_string(line, {paths}) END AS j FROM {lines} WHERE line IS NOT NULL)",
            Cells = [.. dataset.Columns.Select((_, i) => new SourceCell($"nullif(j[{i + 1}], '')", "VARCHAR"))],
            Broken = "j IS NULL",
            NotStored = ColumnMatch.NotStored(keys, dataset),
            Names = keys,
            IsOrdered = false,
            Line = "line",
        };
    }

    private const string IsObject = "CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE false END";

    /// <summary>One column, <c>line</c>. The delimiter is a character that JSON forbids in a line.</summary>
    public static string Lines(string path) =>
        $"read_csv({Sql.Path(path)}, auto_detect=false, header=false, delim='\\x01', quote='', escape='', max_line_size={TextScan.LongestLine}, columns={{'line': 'VARCHAR'}})";

    // RFC 6901: a pointer, because a JSON path has no way to write every name.
    public static string Pointer(string name) =>
        "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
