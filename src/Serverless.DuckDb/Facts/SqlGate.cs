using System.Collections.Frozen;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Facts;

/// <summary>
/// Reads somebody's SQL without running it: the engine's own parser gives the tree, and only what is known to do nothing but compute is let through. Functions are those of a
/// list, so that one which a later engine brings is not allowed by accident.
/// </summary>
internal static class SqlGate
{
    private const int LongestSql = 10_000;

    private static readonly FrozenSet<string> Clock = Set("current_date current_timestamp now today");

    private static readonly FrozenSet<string> RowFunctions = Set("""
        + - * / // % ** ^ & | ~ << >> || @ ! !__postfix ~~ !~~ ~~* !~~* ~~~ like_escape not_like_escape ilike_escape not_ilike_escape ^@ = <> < <= > >= in not
        abs add ceil ceiling floor round round_even trunc sign sqrt cbrt exp ln log log10 log2 pow power mod fmod divide subtract multiply greatest least isnan isinf isfinite sin cos tan asin acos atan atan2
        radians degrees pi even gcd lcm bit_count xor signbit
        length len strlen char_length character_length bit_length lower upper lcase ucase trim ltrim rtrim left right substring substr substring_grapheme left_grapheme right_grapheme
        reverse replace translate concat concat_ws starts_with ends_with prefix suffix contains instr strpos position split_part string_split str_split split
        ascii ord unicode chr md5 sha1 sha256 hash levenshtein editdist3 damerau_levenshtein jaccard jaro_similarity jaro_winkler_similarity hamming strip_accents nfc_normalize
        regexp_matches regexp_full_match regexp_replace regexp_extract regexp_extract_all regexp_escape like ilike
        coalesce ifnull nullif if iif
        year month day hour minute second millisecond microsecond quarter week weekofyear dayofweek dayofmonth dayofyear weekday isodow isoyear yearweek decade century era
        dayname monthname last_day date_part datepart date_trunc datetrunc date_diff datediff date_sub datesub date_add make_date make_time make_timestamp
        epoch epoch_ms epoch_us epoch_ns strftime strptime try_strptime age time_bucket to_days to_hours to_minutes to_seconds to_weeks to_months to_years to_milliseconds to_microseconds timezone
        now today current_date current_timestamp get_current_timestamp
        list_value list_contains list_has array_contains array_has contains list_length array_length struct_pack row
        """);

    private static readonly FrozenSet<string> Aggregates = Set("""
        count count_star count_if countif sum sum_no_overflow kahan_sum fsum avg mean favg min max median mode product stddev stddev_pop stddev_samp variance var_pop var_samp
        bool_and bool_or bit_and bit_or bit_xor quantile quantile_cont quantile_disc approx_quantile approx_count_distinct corr covar_pop covar_samp
        regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy skewness kurtosis kurtosis_pop entropy mad sem
        any_value arg_max arg_min argmax argmin max_by min_by first last
        row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value fill
        """);

    private static readonly FrozenSet<string> QueryFunctions = RowFunctions.Concat(Aggregates).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Persons = Set("current_user session_user user current_role current_catalog current_schema current_database current_localtime current_localtimestamp");

    /// <summary>Why a text is no condition over the columns; null when it is one.</summary>
    public static string? Condition(Session session, string text, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel)
    {
        var problem = Parse(session, $"SELECT (\n{text}\n) FROM data", cancel, out var statement);
        if (problem is not null) return problem;
        var plain = statement.EnumerateObject().All(p => p.Name is "type" or "select_list" or "from_table" or "aggregate_handling")
            && statement.GetProperty("select_list").GetArrayLength() == 1;
        if (!plain) return "it is more than one condition.";
        return SqlGrowth.Problem(statement) ?? Walk(statement.GetProperty("select_list")[0], new Rules(RowFunctions, columns.Select(c => c.Name).ToFrozenSet(StringComparer.OrdinalIgnoreCase), null, ""));
    }

    /// <summary>Why a text is no query that only reads <c>data</c>; null when it is one.</summary>
    public static string? Query(Session session, string text, CancellationToken cancel) => Query(session, text, ["data"], "the rows are the table 'data'", cancel);

    /// <summary>Why a text is no query that only reads these tables; null when it is one.</summary>
    /// <param name="where">Where the rows are, as a person is told who named another table.</param>
    public static string? Query(Session session, string text, IEnumerable<string> tables, string where, CancellationToken cancel)
    {
        var problem = Parse(session, text, cancel, out var statement);
        if (problem is not null) return problem;
        var named = new HashSet<string>(tables, StringComparer.OrdinalIgnoreCase);
        Named(statement, named);
        return Walk(statement, new Rules(QueryFunctions, null, named, where)) ?? SqlGrowth.Problem(statement);
    }

    /// <param name="Columns">Columns that can be read; null = the engine knows.</param>
    /// <param name="Tables">Tables that can be read; null = none beside the one of the columns.</param>
    /// <param name="Where">Where the rows are, in words.</param>
    private sealed record Rules(IReadOnlySet<string> Functions, IReadOnlySet<string>? Columns, IReadOnlySet<string>? Tables, string Where);

    private static string? Parse(Session session, string sql, CancellationToken cancel, out JsonElement statement)
    {
        statement = default;
        if (sql.Length > LongestSql) return $"it has {sql.Length} characters; {LongestSql} is the most.";
        string json;
        try
        {
            json = (string)session.Rows($"SELECT CAST(json_serialize_sql({Sql.Text(sql)}, skip_null := true, skip_empty := true) AS VARCHAR)", cancel)[0][0]!;
        }
        catch (EngineException e)
        {
            return e.Short;
        }

        var root = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1_000 }).RootElement;
        if (root.GetProperty("error").GetBoolean())
        {
            return root.GetProperty("error_type").GetString() == "not implemented" ? "only a SELECT can be asked: nothing is written, attached, installed or set."
                : root.GetProperty("error_message").GetString()!.Split('\n')[0];
        }

        var statements = root.TryGetProperty("statements", out var all) ? all.GetArrayLength() : 0;
        if (statements != 1) return statements == 0 ? "there is no statement." : $"there are {statements} statements; only one can be asked.";
        statement = all[0].GetProperty("node");
        return null;
    }

    // Names of common table expressions can be read too, wherever they stand: a name that is one of them cannot be a file.
    private static void Named(JsonElement node, HashSet<string> tables)
    {
        if (node.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in node.EnumerateArray()) Named(item, tables);
        }
        else if (node.ValueKind == JsonValueKind.Object)
        {
            if (node.TryGetProperty("cte_map", out var map) && map.TryGetProperty("map", out var named))
            {
                foreach (var cte in named.EnumerateArray()) tables.Add(cte.GetProperty("key").GetString()!);
            }

            foreach (var property in node.EnumerateObject()) Named(property.Value, tables);
        }
    }

    private static string? Walk(JsonElement node, Rules rules)
    {
        if (node.ValueKind == JsonValueKind.Array) return node.EnumerateArray().Select(n => Walk(n, rules)).FirstOrDefault(p => p is not null);
        if (node.ValueKind != JsonValueKind.Object) return null;

        // Below a constant there is only its value, which may look like anything.
        var constant = node.TryGetProperty("class", out var kind) && kind.ValueEquals("CONSTANT");
        return Refused(node, rules) ?? (constant ? null : node.EnumerateObject().Select(p => Walk(p.Value, rules)).FirstOrDefault(p => p is not null));
    }

    private static string? Refused(JsonElement node, Rules rules)
    {
        string? Text(string name) => node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        var type = Text("type");
        switch (Text("class"))
        {
            case "CONSTANT" or "COMPARISON" or "CONJUNCTION" or "OPERATOR" or "CASE" or "BETWEEN" or "CAST" or "COLLATE":
                return null;
            case "FUNCTION" or "WINDOW":
                var name = Text("function_name") ?? "";
                if (rules.Tables is null && Text("class") == "WINDOW") return "a window function is nothing that one row can answer.";
                return !rules.Functions.Contains(name) ? $"function '{name}' is not allowed here." : Text("schema") is { } schema and not "main" ? $"there is no schema '{schema}' here." : null;
            case "COLUMN_REF":
                string[] names = [.. node.GetProperty("column_names").EnumerateArray().Select(n => n.GetString()!)];
                if (Persons.Contains(names[^1])) return $"'{names[^1]}' is not allowed here.";
                return rules.Columns is null || Clock.Contains(names[^1]) || (names.Length == 1 && rules.Columns.Contains(names[0])) ? null
                    : $"there is no column '{string.Join('.', names)}'.{Problems.Suggest.Hint(names[^1], rules.Columns)}";
            case "SUBQUERY" or "STAR" or "LAMBDA" or "PARAMETER" or "DEFAULT" or "POSITIONAL_REFERENCE" or "LAMBDA_REF":
                return rules.Tables is null || Text("class") is not ("SUBQUERY" or "STAR") ? $"{Text("class")!.ToLowerInvariant().Replace('_', ' ')}: a condition is about the columns of one row." : null;
            case { } other:
                return $"'{other.ToLowerInvariant()}' is not allowed here.";
        }

        return type switch
        {
            "BASE_TABLE" => Text("schema_name") is not null || Text("catalog_name") is not null || rules.Tables?.Contains(Text("table_name") ?? "") != true
                ? $"'{Text("table_name")}' cannot be read; {rules.Where}." : null,
            "TABLE_FUNCTION" => $"table function '{(node.TryGetProperty("function", out var f) && f.TryGetProperty("function_name", out var n) ? n.GetString() : "")}' is not allowed; {rules.Where}.",
            "SHOW_REF" => "only a SELECT can be asked.",
            "PIVOT" or "BOUND_TABLE_REF" or "COLUMN_DATA" or "DELIM_GET" => $"'{type.ToLowerInvariant()}' is not allowed here.",
            _ => null,
        };
    }

    private static FrozenSet<string> Set(string words) => words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
