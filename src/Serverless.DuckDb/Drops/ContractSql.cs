using System.Globalization;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Drops;

/// <summary>
/// The contract as one SELECT: v0, v1, ... the typed values; <c>_key</c> the start of the period; <c>_check</c> the first thing that is wrong with the row;
/// <c>_raw</c> its cells as text, only where something is wrong.
/// </summary>
internal static class ContractSql
{
    /// <param name="patterns">Whether the patterns of text columns are part of it; a caller that knows that all texts match saves their cost.</param>
    /// <param name="also">A column of the source that is carried along.</param>
    public static string Select(DropSource source, DatasetDefinition dataset, DateTimeOffset arrived, bool patterns = true, string? also = null)
    {
        var columns = dataset.Columns;
        var inner = columns.SelectMany((c, i) => new[] { $"{source.Cells[i].Expression} AS r{i}", $"{Typed(source.Cells[i], c)} AS v{i}" });
        var raw = string.Join(", ", columns.Select((_, i) => $"CAST(r{i} AS VARCHAR)"));
        var key = dataset.Partition.Column is { } by ? $"v{Index(columns, by)}" : Sql.Timestamp(arrived);
        var broken = source.Broken is { } b ? $", {b} AS _broken, {source.Line} AS _line" : "";
        return $"""
            SELECT {string.Join(", ", columns.Select((_, i) => $"v{i}"))}, date_trunc('{Grain(dataset)}', {key}) AS _key, _check,
              CASE WHEN _check IS NOT NULL THEN [{raw}] END AS _raw, {(source.Broken is null ? "NULL::VARCHAR" : "CASE WHEN _broken THEN _line END")} AS _line{(also is null ? "" : $", {also}")}
            FROM (SELECT *, CASE WHEN {Clean(source, dataset, patterns)} THEN NULL WHEN {(source.Broken is null ? "false" : "_broken")} THEN 'json' {string.Join(" ", columns.SelectMany((c, i) => Faults(c, i, source, dataset, patterns)))} END AS _check
              FROM (SELECT {string.Join(", ", inner)}{broken}{(also is null ? "" : $", {also}")} FROM {source.Relation}))
            """;
    }

    /// <summary>
    /// The same for text, at a fraction of the cost, where it is so plain that it can be neither misread nor wrong; the other rows have <c>_raw</c> and are still to be
    /// judged (<see cref="Doubtful"/>). Null where the contract asks for more than a plain look.
    /// </summary>
    public static string? Plain(DropSource source, DatasetDefinition dataset, DateTimeOffset arrived)
    {
        var columns = dataset.Columns;
        if (source.Broken is not null || (!source.IsPlain && source.Cells.Any(c => !c.IsText)) || columns.Any(c => c.Format is not null)) return null;
        var clean = Clean(source, dataset, patterns: false, plain: true);
        if (clean == "false") return null;
        var inner = columns.SelectMany((c, i) => new[] { $"{source.Cells[i].Expression} AS r{i}", $"{PlainlyTyped(source.Cells[i], c)} AS v{i}" });
        var raw = string.Join(", ", columns.Select((_, i) => source.Cells[i].IsText ? $"r{i}" : $"CAST(r{i} AS VARCHAR)"));
        var key = dataset.Partition.Column is { } by ? $"v{Index(columns, by)}" : Sql.Timestamp(arrived);
        return $"""
            SELECT {string.Join(", ", columns.Select((_, i) => $"v{i}"))}, date_trunc('{Grain(dataset)}', {key}) AS _key, NULL::VARCHAR AS _check,
              CASE WHEN {clean} THEN NULL ELSE [{raw}] END AS _raw, NULL::VARCHAR AS _line
            FROM (SELECT {string.Join(", ", inner)} FROM {source.Relation})
            """;
    }

    /// <summary>The rows of a table made by <see cref="Plain"/> that are still to be judged, as a source; <c>_at</c> is their place.</summary>
    public static DropSource Doubtful(DropSource source, string table) => source with
    {
        Relation = $"(SELECT _raw, rowid AS _at FROM {table} WHERE _raw IS NOT NULL)",
        Cells = [.. source.Cells.Select((c, i) => c == SourceCell.Missing ? c : new SourceCell($"_raw[{i + 1}]", "VARCHAR"))],
    };

    private static string PlainlyTyped(SourceCell cell, ColumnDefinition column) =>
        column.Type == ColumnType.String ? cell.Expression : $"TRY_CAST({cell.Expression} AS {Sql.Type(column.Type)})";

    public static string Grain(DatasetDefinition dataset) => dataset.Partition.Grain switch
    {
        PartitionGrain.Hour => "hour",
        PartitionGrain.Month => "month",
        _ => "day",
    };

    /// <summary>The value in its contracted type; null where it has another form, or is a time that a calendar year 1 to 9999 cannot hold.</summary>
    internal static string Typed(SourceCell cell, ColumnDefinition column)
    {
        var x = cell.Expression;
        return column.Type switch
        {
            ColumnType.Integer when cell.Type is "FLOAT" or "DOUBLE" || cell.Type.StartsWith("DECIMAL", StringComparison.Ordinal) =>
                $"CASE WHEN {x} = floor({x}) THEN TRY_CAST({x} AS BIGINT) END",
            ColumnType.Timestamp => InCalendar(cell.IsText ? TextTimestamp(x, column.Format)
                : cell.Type.Contains("TIME ZONE", StringComparison.Ordinal) ? $"timezone('UTC', {x})" : $"TRY_CAST({x} AS TIMESTAMP)"),
            ColumnType.String => $"CAST({x} AS VARCHAR)",
            _ => $"TRY_CAST({x} AS {Sql.Type(column.Type)})",
        };
    }

    // The engine rounds 1.5 to an integer and takes 1_000 and 0x1F for numbers; here only digits are, and a fraction of zeros as other tools write it. A text as long
    // as its number is that number (or one such as 1e2 that is as exact), so the expression is needed for few.
    internal static string WrongType(SourceCell cell, ColumnDefinition column, int i) => column.Type switch
    {
        ColumnType.Integer when cell.IsText => $"v{i} IS NULL OR NOT (strlen(CAST(v{i} AS VARCHAR)) = strlen(r{i}) OR regexp_full_match(r{i}, '\\s*[+-]?[0-9]+(\\.0*)?\\s*'))",
        ColumnType.Number when cell.IsText => $"v{i} IS NULL OR contains(r{i}, '_')",
        _ => $"v{i} IS NULL",
    };

    /// <summary>
    /// A condition that is cheap for the engine and true for nearly every row of a good drop: such a row has no fault, and only the others are asked for which they have.
    /// True never for a row with a fault; a row without one may be asked all the same.
    /// </summary>
    private static string Clean(DropSource source, DatasetDefinition dataset, bool patterns, bool plain = false)
    {
        var conditions = source.Broken is null ? [] : new List<string> { "NOT _broken" };
        for (var i = 0; i < dataset.Columns.Count; i++)
        {
            var (column, cell) = (dataset.Columns[i], source.Cells[i]);
            if (cell == SourceCell.Missing) continue;
            var faults = Faults(column, i, source, dataset, patterns).ToList();
            if (faults.Count == 0) continue;
            if (column.Type is ColumnType.Number || (column.Type == ColumnType.String && ((patterns && column.Pattern is not null) || column.Values is { Count: > 0 }))
                || column.Values is { Count: > 0 })
            {
                return "false";
            }

            var good = new List<string> { $"v{i} IS NOT NULL" };
            if (column.Min is { } min) good.Add($"v{i} >= {Limit(min)}");
            if (column.Max is { } max) good.Add($"v{i} <= {Limit(max)}");
            if (column.Type == ColumnType.Integer && cell.IsText) good.Add(plain ? $"r{i} = CAST(v{i} AS VARCHAR)" : $"strlen(r{i}) = {Digits($"v{i}")}");
            // Where forms are plain, only words (epoch) and years before the first are to be kept out.
            if (column.Type == ColumnType.Timestamp && plain) good.Add($"v{i} {Calendar} AND {(source.IsPlain ? $"ascii(r{i}) BETWEEN 48 AND 57" : $"(r{i} LIKE '____-__-__ __:__:__' OR strlen(r{i}) = 10)")}");
            var clean = string.Join(" AND ", good);
            conditions.Add(column.Required || column.Name == dataset.Partition.Column ? clean : $"(r{i} IS NULL OR ({clean}))");
        }

        return conditions.Count == 0 ? "true" : string.Join(" AND ", conditions);
    }

    // Length of an integer as text, up to six digits; for a longer one it is too small, which makes the row one that is asked.
    private static string Digits(string v) => $"1 + ({v} < 0)::BIGINT + {string.Join(" + ", new[] { 9, 99, 999, 9_999, 99_999 }.Select(limit => $"({v} NOT BETWEEN -{limit} AND {limit})::BIGINT"))}";

    private static IEnumerable<string> Faults(ColumnDefinition column, int i, DropSource source, DatasetDefinition dataset, bool patterns)
    {
        string When(string condition, string check) => $"WHEN {condition} THEN {Sql.Text($"{check}:{column.Name}")}";

        if (source.Cells[i] != SourceCell.Missing)
        {
            if (column.Type != ColumnType.String) yield return When($"r{i} IS NOT NULL AND ({WrongType(source.Cells[i], column, i)})", "type");
            if (column.Type == ColumnType.Number) yield return When($"NOT isfinite(v{i})", "finite");
            if (column.Required || column.Name == dataset.Partition.Column) yield return When($"v{i} IS NULL", "required");
            if (column.Min is { } min) yield return When($"v{i} < {Limit(min)}", "min");
            if (column.Max is { } max) yield return When($"v{i} > {Limit(max)}", "max");
            if (patterns && column.Pattern is { } pattern) yield return When($"NOT regexp_matches(v{i}, {Sql.Text(pattern)})", "pattern");
            if (column.Values is { Count: > 0 } values) yield return When($"NOT {OneOf($"v{i}", column.Type, values)}", "values");
        }
    }

    /// <summary>Whether a typed value is one of a list of texts: numbers and times compare as such, not letter by letter.</summary>
    internal static string OneOf(string value, ColumnType type, IEnumerable<string> allowed) =>
        $"{value} IN ({string.Join(", ", allowed.Select(a => type == ColumnType.String ? Sql.Text(a) : $"TRY_CAST({Sql.Text(a)} AS {Sql.Type(type)})"))})";

    private static string Limit(double limit) => limit == Math.Floor(limit) && Math.Abs(limit) < 1e15 ? ((long)limit).ToString(CultureInfo.InvariantCulture) : Sql.Number(limit);

    // A time without an offset is UTC. The plain cast would drop an offset, so only texts that have none by their form (yyyy-MM-dd, yyyy-MM-dd HH:mm:ss) take it.
    private static string TextTimestamp(string x, string? format) => format is not null ? $"try_strptime({x}, {Sql.Text(format)})"
        : $"CASE WHEN length({x}) = 10 OR (length({x}) = 19 AND substring({x}, 17, 1) = ':') THEN TRY_CAST({x} AS TIMESTAMP) "
            + $"WHEN regexp_matches({x}, '^\\s*[0-9]') THEN timezone('UTC', TRY_CAST({x} AS TIMESTAMPTZ)) END";

    internal const string Calendar = "BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'";

    private static string InCalendar(string time) => $"CASE WHEN ({time}) {Calendar} THEN ({time}) END";

    private static int Index(IReadOnlyList<ColumnDefinition> columns, string name) => columns.Select((c, i) => (c.Name, i)).First(c => c.Name == name).i;
}
