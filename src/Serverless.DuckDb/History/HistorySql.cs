using System.Globalization;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.FeatureViews;

namespace Serverless.DuckDb.History;

/// <summary>
/// The SQL of a point-in-time look. Times are microseconds since 1970. <c>rows(i, k, t)</c> are the rows that look, <c>groups(k, key0, ...)</c> their keys, <c>data</c> the rows of the
/// history's dataset.
/// </summary>
internal static class HistorySql
{
    /// <summary>Rows of a view or a lag whose key is in <c>groups</c>: <c>k</c>, feature time <c>ft</c>, known time <c>kn</c>, created <c>cr</c>, order <c>rn</c>, values <c>v0, v1, ...</c>.</summary>
    public static string FeatureRows(HistorySource source, string groups, IReadOnlyList<ColumnType> keyTypes)
    {
        var lookups = source.Columns;
        if (source.View is not { } view)
        {
            var lookup = lookups[0].Lookup;
            return $"SELECT g.k, s.ft, s.ft + {Micros(lookup.After)} AS kn, s.ft AS cr, s.rn, s.v0 FROM (SELECT {Keys(source)}, epoch_us({Sql.Name(source.Dataset.Partition.Column!)}) AS ft, row_number() OVER () AS rn, "
                + $"{Sql.Name(lookup.Column)} AS v0 FROM data) s JOIN {groups} g ON {On(source, keyTypes)} WHERE s.v0 IS NOT NULL AND s.ft IS NOT NULL";
        }

        var created = view.Created is { } c ? $"epoch_us(CAST({Sql.Name(c)} AS TIMESTAMP))" : "NULL::BIGINT";
        if (view.Sql is { } sql)
        {
            var values = lookups.Select((l, i) => $"CAST({Sql.Name(l.Lookup.Column)} AS {Sql.Type(l.Type)}) AS v{i}");
            return $"SELECT g.k, s.ft, greatest(s.ft + {Micros(view.KnownAfter)}, coalesce(s.cr, s.ft)) AS kn, coalesce(s.cr, s.ft) AS cr, s.rn, {Names("s.v", lookups.Count)} FROM (SELECT {Keys(source)}, epoch_us(CAST({Sql.Name(view.Time)} AS TIMESTAMP)) AS ft, {created} AS cr, "
                + $"row_number() OVER () AS rn, {string.Join(", ", values)} FROM (\n{sql.Text.Trim().TrimEnd(';')}\n)) s JOIN {groups} g ON {On(source, keyTypes)} WHERE s.ft IS NOT NULL";
        }

        // Rows of one time have one value, made of all of them; it is known when the last of the rows that went into it is.
        ViewFeature[] features = [.. lookups.Select(l => view.Features.First(f => f.Name == l.Lookup.Column))];
        // Of all features of the view, whichever are asked for: a row of the view is one row for everybody.
        var widest = Window(view.Features.Any(f => f.Over is null) ? null : view.Features.Max(f => f.Over));
        var inputs = string.Join(", ", features.Select((f, i) => $"{Input(f)} AS x{i}"));
        var outputs = string.Join(", ", features.Select((f, i) => $"{Aggregate(f.Aggregate!.Value, $"x{i}", f.Type)} OVER {Window(f.Over)} AS v{i}"));
        // Their order among each other is asked for by 'last' alone, and costs a sort.
        var last = features.Any(f => f.Aggregate == AggregateFunction.Last);
        return $"SELECT k, ft, greatest(ft + {Micros(view.KnownAfter)}, {(view.Created is null ? "ft" : $"max(greatest(ft, coalesce(cr, ft))) OVER {widest}")}) AS kn, ft AS cr, 0 AS rn, {outputs} FROM "
            + $"(SELECT g.k, s.ft, s.cr, {(last ? "row_number() OVER (ORDER BY s.ft, s.rn) AS seq, " : "")}{Names("s.x", features.Length)} FROM (SELECT {Keys(source)}, epoch_us({Sql.Name(view.Time)}) AS ft, {created} AS cr, {(last ? "row_number() OVER () AS rn, " : "")}{inputs} FROM data) s "
            + $"JOIN {groups} g ON {On(source, keyTypes)} WHERE s.ft IS NOT NULL) QUALIFY lead(ft) OVER (PARTITION BY k ORDER BY ft) IS DISTINCT FROM ft";
    }

    /// <summary>Two zeros: of each key no two rows become known at once, and all are known equally late, so what became known last is the newest.</summary>
    public static string Plain(string rows) => $"SELECT count(*) - (SELECT count(*) FROM (SELECT DISTINCT k, kn FROM {rows})), coalesce(max(kn - ft) - min(kn - ft), 0) FROM {rows}";

    /// <summary>
    /// The rows that can be the newest known at some time: of each key those that were known before everything newer, by feature time, created time, order. Of them the one that became known
    /// last is the newest, and no two became known at once.
    /// </summary>
    public static string Newest(string rows) =>
        $"SELECT * FROM {rows} QUALIFY coalesce(kn < min(kn) OVER (PARTITION BY k ORDER BY ft DESC, cr DESC, rn DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true)";

    /// <summary>Number of the row, feature time, values.</summary>
    public static string Join(HistorySource source, string rows, string features)
    {
        var ttl = source.View?.Ttl is { } age ? $" WHERE f.ft >= r.t - {Micros(age)}" : "";
        return $"SELECT r.i, f.ft, {Names("f.v", source.Columns.Count)} FROM {rows} r ASOF JOIN {features} f ON r.k = f.k AND r.t {(source.Strict ? ">" : ">=")} f.kn{ttl}";
    }

    /// <summary>
    /// A window that ends <c>gap</c> before the row: (t - gap - over, t - gap], and without a gap [t - over, t), so that what happens at the row's own time is never in it. Rows that look and
    /// rows that are looked at stand in one order, where the former add nothing.
    /// </summary>
    public static string Rolling(HistorySource source, string rows, string groups, IReadOnlyList<ColumnType> keyTypes)
    {
        var lookup = source.Columns[0].Lookup;
        var (gap, over) = (Micros(lookup.After), (long)(lookup.Over!.Value.Ticks / 10));
        var frame = lookup.After == TimeSpan.Zero ? $"{over} PRECEDING AND 1 PRECEDING" : $"{over - 1} PRECEDING AND CURRENT ROW";
        return $"SELECT i, t AS ft, v0 FROM (SELECT i, t, {Aggregate(lookup.Aggregate!.Value, "x", source.Columns[0].Type)} OVER (PARTITION BY k ORDER BY t RANGE BETWEEN {frame}) AS v0 FROM ("
            + $"SELECT -1::BIGINT AS i, g.k, s.ft + {gap} AS t, s.x FROM (SELECT {Keys(source)}, epoch_us({Sql.Name(source.Dataset.Partition.Column!)}) AS ft, {Sql.Name(lookup.Column)} AS x FROM data) s JOIN {groups} g ON {On(source, keyTypes)} WHERE s.ft IS NOT NULL "
            + $"UNION ALL SELECT i, k, t, NULL FROM {rows})) WHERE i >= 0";
    }

    /// <summary>The different keys of the history itself.</summary>
    public static string OwnKeys(HistorySource source)
    {
        var from = source.View?.Sql is { } sql ? $"(\n{sql.Text.Trim().TrimEnd(';')}\n)" : "data";
        var names = string.Join(", ", source.Keys.Select((_, i) => $"key{i}"));
        return $"SELECT row_number() OVER (ORDER BY {names}) - 1 AS k, {names} FROM (SELECT DISTINCT {string.Join(", ", source.Keys.Select((k, i) => $"CAST({Sql.Name(k.Key)} AS VARCHAR) AS key{i}"))} FROM {from}) "
            + $"WHERE {string.Join(" AND ", source.Keys.Select((_, i) => $"key{i} IS NOT NULL"))}";
    }

    private static string Input(ViewFeature feature) => feature switch
    {
        { Aggregate: AggregateFunction.Rate } => $"CASE WHEN (\n{feature.Condition!.Text}\n) THEN 1 WHEN NOT (\n{feature.Condition.Text}\n) THEN 0 END",
        { Column: null } => "1",
        _ => Sql.Name(feature.Column),
    };

    private static string Aggregate(AggregateFunction function, string value, ColumnType type) => function switch
    {
        AggregateFunction.Count => $"count({value})",
        AggregateFunction.Mean or AggregateFunction.Rate => $"avg(CAST({value} AS DOUBLE))",
        AggregateFunction.Sum => $"sum(CAST({value} AS DOUBLE))",
        AggregateFunction.Min => $"min(CAST({value} AS {Sql.Type(type)}))",
        AggregateFunction.Max => $"max(CAST({value} AS {Sql.Type(type)}))",
        AggregateFunction.Stddev => $"stddev_samp(CAST({value} AS DOUBLE))",
        _ => $"arg_max({value}, seq)",
    };

    private static string Window(TimeSpan? over) =>
        $"(PARTITION BY k ORDER BY ft RANGE BETWEEN {(over is { } o ? (o.Ticks / 10 - 1).ToString(CultureInfo.InvariantCulture) : "UNBOUNDED")} PRECEDING AND CURRENT ROW)";

    private static string Keys(HistorySource source) => string.Join(", ", source.Keys.Select((k, i) => $"{Sql.Name(k.Key)} AS key{i}"));

    // Keys are equal when their texts are, as online: '007' is not 7. A comparison of numbers comes first, where there are any, because it is the faster one.
    private static string On(HistorySource source, IReadOnlyList<ColumnType> types) => string.Join(" AND ", source.Keys.Select((key, i) =>
    {
        if (types[i] == ColumnType.String) return $"CAST(s.key{i} AS VARCHAR) = g.key{i}";
        var same = source.View?.Sql is null && source.Dataset.Columns.FirstOrDefault(c => c.Name == key.Key)?.Type == types[i];
        return same ? $"s.key{i} = g.key{i}" : $"TRY_CAST(s.key{i} AS {Sql.Type(types[i])}) = g.key{i} AND CAST(s.key{i} AS VARCHAR) = CAST(g.key{i} AS VARCHAR)";
    }));

    private static string Names(string prefix, int count) => string.Join(", ", Enumerable.Range(0, count).Select(i => prefix + i.ToString(CultureInfo.InvariantCulture)));

    private static long Micros(TimeSpan span) => span.Ticks / 10;
}
