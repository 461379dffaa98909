using System.Globalization;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.FeatureViews;

namespace Serverless.DuckDb.History;

/// <summary>
/// Finds out whether the SQL of a view depends on rows after its own times. At two moments (a third and two thirds of the rows lie before them) it is asked with all rows of <c>data</c> and with
/// those before the moment: what is known by then has to be the same. Numbers may differ by a millionth, because sums are made in any order.
/// </summary>
internal static class LookAhead
{
    public static string? Find(Session session, HistorySource source, CancellationToken cancel)
    {
        if (source.View is not { Sql: not null } view || source.Dataset.Partition.Column is not { } time) return null;
        var at = Sql.Name(time);
        session.Execute($"CREATE OR REPLACE TABLE _all AS {Known(source, view)}", cancel);
        if (session.Rows($"SELECT epoch_us(quantile_disc({at}, 1/3)), epoch_us(quantile_disc({at}, 2/3)) FROM data", cancel)[0] is not [long first, long second]) return null;
        session.Execute("CREATE OR REPLACE TABLE _rows_of_data AS SELECT * FROM data", cancel);
        foreach (var moment in new[] { first, second }.Distinct())
        {
            session.Execute($"CREATE OR REPLACE TEMP VIEW data AS SELECT * FROM _rows_of_data WHERE epoch_us({at}) < {N(moment)}", cancel);
            session.Execute($"CREATE OR REPLACE TABLE _before AS {Known(source, view)}", cancel);
            if (session.Rows(Different(source, moment), cancel) is [var row, ..]) return Sentence(source, row, moment);
        }

        return null;
    }

    private static string Known(HistorySource source, ViewDefinition view)
    {
        var created = view.Created is { } c ? $"epoch_us(CAST({Sql.Name(c)} AS TIMESTAMP))" : "NULL::BIGINT";
        var ft = $"epoch_us(CAST({Sql.Name(view.Time)} AS TIMESTAMP))";
        return $"SELECT {string.Join(", ", source.Keys.Select((k, i) => $"CAST({Sql.Name(k.Key)} AS VARCHAR) AS k{N(i)}"))}, {ft} AS ft, greatest({ft} + {N(view.KnownAfter.Ticks / 10)}, coalesce({created}, {ft})) AS kn, "
            + $"{string.Join(", ", source.Columns.Select((l, i) => $"CAST({Sql.Name(l.Lookup.Column)} AS {Sql.Type(l.Type)}) AS v{N(i)}"))} FROM (\n{view.Sql!.Text.Trim().TrimEnd(';')}\n)";
    }

    private static string Different(HistorySource source, long moment)
    {
        var keys = string.Join(", ", source.Keys.Select((_, i) => $"k{N(i)}"));
        var sums = string.Join(", ", source.Columns.Select((c, i) => $"count(v{N(i)}) AS c{N(i)}, {(IsNumber(c.Type) ? $"sum(CAST(v{N(i)} AS DOUBLE))" : $"min(CAST(v{N(i)} AS VARCHAR)) || max(CAST(v{N(i)} AS VARCHAR))")} AS s{N(i)}"));
        string Side(string table) => $"(SELECT {keys}, ft, count(*) AS n, {sums} FROM {table} WHERE kn < {N(moment)} AND {string.Join(" AND ", source.Keys.Select((_, i) => $"k{N(i)} IS NOT NULL"))} GROUP BY {keys}, ft)";
        var other = source.Columns.Select((c, i) => $"a.c{N(i)} IS DISTINCT FROM b.c{N(i)} OR " + (IsNumber(c.Type)
            ? $"abs(a.s{N(i)} - b.s{N(i)}) > 1e-6 * greatest(abs(a.s{N(i)}), abs(b.s{N(i)}), 1e-9)" : $"a.s{N(i)} IS DISTINCT FROM b.s{N(i)}"));
        var values = string.Join(", ", source.Columns.Select((_, i) => $"CAST(a.s{N(i)} / a.n AS VARCHAR), CAST(b.s{N(i)} / b.n AS VARCHAR)").Select((s, i) => IsNumber(source.Columns[i].Type) ? s : $"a.s{N(i)}, b.s{N(i)}"));
        return $"SELECT {string.Join(", ", source.Keys.Select((_, i) => $"coalesce(a.k{N(i)}, b.k{N(i)})"))}, strftime(make_timestamp(coalesce(a.ft, b.ft)), '%Y-%m-%d %H:%M:%S'), {values} FROM {Side("_all")} a FULL OUTER JOIN {Side("_before")} b "
            + $"ON {string.Join(" AND ", source.Keys.Select((_, i) => $"a.k{N(i)} = b.k{N(i)}"))} AND a.ft = b.ft WHERE a.n IS DISTINCT FROM b.n OR {string.Join(" OR ", other)} ORDER BY ALL LIMIT 1";
    }

    private static string Sentence(HistorySource source, object?[] row, long moment)
    {
        var key = string.Join(", ", source.Keys.Select((k, i) => $"{k.Key} {row[i]}"));
        var first = source.Keys.Count + 1;
        var changed = Enumerable.Range(0, source.Columns.Count).Where(c => !Equals(row[first + (2 * c)], row[first + (2 * c) + 1])).DefaultIfEmpty(0).First();
        string Of(object? value) => value is null ? "no value" : $"'{value}'";
        return $"for {key} at {row[source.Keys.Count]} it gives {Of(row[first + (2 * changed)])} as '{source.Columns[changed].Lookup.Column}', and {Of(row[first + (2 * changed) + 1])} when rows of '{source.Dataset.Name}' from "
            + $"{DateTime.UnixEpoch.AddTicks(moment * 10).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} on are left out";
    }

    private static bool IsNumber(ColumnType type) => type is ColumnType.Number or ColumnType.Integer;

    private static string N(long number) => number.ToString(CultureInfo.InvariantCulture);
}
