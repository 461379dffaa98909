using Serverless.Checks;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;
using Serverless.Sketches;

namespace Serverless.DuckDb.Facts;

/// <summary>How often values or pairs of values occur, for all periods together: one grouping each, or none where the profile has counted the values already.</summary>
internal static class GroupScan
{
    private const string Grouped = "_groups";

    /// <summary>Figures of the groups from the values that a profile counted; null where it counted not all of them.</summary>
    public static GroupsState? OfProfile(ColumnState? column) => column switch
    {
        NumericState<long> { IsExact: true } whole => Of(whole.Frequencies.Sorted(), v => v.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        NumericState<double> { IsExact: true } number => Of(number.Frequencies.Sorted(), v => v.ToString("R", System.Globalization.CultureInfo.InvariantCulture)),
        TextState { IsExact: true } text => Of(text.Frequencies.Sorted(), v => v),
        BooleanState yes => Of(((string[])["false", "true"], (long[])[yes.Falses, yes.Trues]), v => v),
        _ => null,
    };

    public static Dictionary<long, AggregateState> Groups(Session session, Aggregate aggregate, string relation, CancellationToken cancel)
    {
        var columns = string.Join(", ", aggregate.Columns.Select(Sql.Name));
        var complete = string.Join(" AND ", aggregate.Columns.Select(c => $"{Sql.Name(c)} IS NOT NULL"));
        var filled = string.Join(" OR ", aggregate.Columns.Select(c => $"{Sql.Name(c)} IS NOT NULL"));
        var grouping = $"SELECT _key, {columns}, ({complete}) AS _complete, count(*) AS _n FROM {relation} WHERE ({filled}){And(aggregate.Where)} GROUP BY _key, {columns}";

        // Values of one whole column come here only when they are too many to keep. Others are put aside for a moment, because their groups are wanted as well as their figures.
        var keep = aggregate.Where is not null || aggregate.Columns.Count > 1;
        try
        {
            if (keep) session.Execute($"CREATE TEMP TABLE {Grouped} AS {grouping}", cancel);
            var figures = session.Rows($"""
                SELECT epoch_us(_key), CAST(sum(_n) AS BIGINT), count(*), count(*) FILTER (WHERE _n = 1), count(*) FILTER (WHERE _n = 1 AND _complete),
                  ln(sum(_n)) - sum(_n * ln(_n) ORDER BY _n) / sum(_n), max(_n)
                FROM {(keep ? Grouped : $"({grouping})")} GROUP BY _key
                """, cancel);
            var kept = keep ? Kept(session, aggregate, "_complete", cancel) : [];
            return figures.ToDictionary(r => Periods.Key(r[0]), r => (AggregateState)new GroupsState(
                AggregateSql.Whole(r[1]), AggregateSql.Whole(r[2]), AggregateSql.Whole(r[3]), AggregateSql.Whole(r[4]), AggregateSql.Figure(r[5]) ?? 0)
            {
                Most = AggregateSql.Whole(r[6]), Frequencies = kept.GetValueOrDefault(Periods.Key(r[0])),
            });
        }
        finally
        {
            if (keep) session.Execute($"DROP TABLE IF EXISTS {Grouped}", CancellationToken.None);
        }
    }

    public static Dictionary<long, AggregateState> Pairs(Session session, Aggregate aggregate, string relation, CancellationToken cancel)
    {
        var (a, b) = (Sql.Name(aggregate.Columns[0]), Sql.Name(aggregate.Columns[1]));
        try
        {
            session.Execute($"CREATE TEMP TABLE {Grouped} AS SELECT _key, {a}, {b}, count(*) AS _n FROM {relation} WHERE {a} IS NOT NULL AND {b} IS NOT NULL{And(aggregate.Where)} GROUP BY _key, {a}, {b}", cancel);
            var figures = session.Rows($"""
                SELECT epoch_us(_key), CAST(sum(_n) AS BIGINT), greatest(0, sum(part ORDER BY part) / any_value(_all))
                FROM (SELECT _key, _n, _all, _n * ln(_n * _all / (_a * _b)) AS part
                  FROM (SELECT _key, _n, CAST(sum(_n) OVER (PARTITION BY _key) AS DOUBLE) AS _all, CAST(sum(_n) OVER (PARTITION BY _key, {a}) AS DOUBLE) AS _a,
                    CAST(sum(_n) OVER (PARTITION BY _key, {b}) AS DOUBLE) AS _b FROM {Grouped}))
                GROUP BY _key
                """, cancel);
            var kept = Kept(session, aggregate, "true", cancel);
            return figures.ToDictionary(r => Periods.Key(r[0]), r => (AggregateState)new PairsState(AggregateSql.Whole(r[1]), AggregateSql.Figure(r[2]) ?? 0)
            {
                Frequencies = kept.GetValueOrDefault(Periods.Key(r[0])),
            });
        }
        finally
        {
            session.Execute($"DROP TABLE IF EXISTS {Grouped}", CancellationToken.None);
        }
    }

    private static Dictionary<long, FrequencySketch<string>> Kept(Session session, Aggregate aggregate, string complete, CancellationToken cancel)
    {
        var parts = aggregate.Columns.Select(Sql.Name).Select(c => $"coalesce(CAST(length(CAST({c} AS VARCHAR)) AS VARCHAR) || ':' || CAST({c} AS VARCHAR), '-')");
        var kept = new Dictionary<long, FrequencySketch<string>>();
        session.Read($"""
            SELECT epoch_us(_key), CASE WHEN {complete} THEN 'c' ELSE 'p' END || {string.Join(" || ", parts)}, _n
            FROM {Grouped} JOIN (SELECT _key AS _few FROM {Grouped} GROUP BY _key HAVING count(*) <= {GroupsState.MostKept}) ON _key IS NOT DISTINCT FROM _few
            """, (in Chunk chunk) =>
        {
            var keys = chunk[0];
            var values = chunk[1];
            var periods = keys.Values<long>();
            var counts = chunk[2].Values<long>();
            for (var i = 0; i < chunk.Rows; i++)
            {
                var key = keys.IsNull(i) ? Periods.NoKey : periods[i];
                if (!kept.TryGetValue(key, out var frequencies)) kept.Add(key, frequencies = new FrequencySketch<string>());
                frequencies.Add(values.Text(i)!, counts[i]);
            }
        }, cancel);
        return kept;
    }

    private static GroupsState Of<T>((T[] Values, long[] Counts) counted, Func<T, string> text)
    {
        long[] counts = [.. counted.Counts.Where(c => c > 0)];
        var state = GroupsState.Of(counts, counts.AsSpan().Count(1L));
        if (counts.Length > GroupsState.MostKept) return state;
        var kept = new FrequencySketch<string>();
        for (var i = 0; i < counted.Values.Length; i++) kept.Add(GroupKey.Of(text(counted.Values[i])), counted.Counts[i]);
        return state with { Frequencies = kept };
    }

    private static string And(string? where) => where is null ? "" : $" AND (\n{where}\n)";
}
