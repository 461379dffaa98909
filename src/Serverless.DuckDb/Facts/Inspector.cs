using System.Globalization;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Partitions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts;

/// <summary>
/// Checks and profiles of all periods of a relation together: one grouped scan for every plain figure, then one grouping for each column or combination whose values
/// are counted. The relation has the columns under their names, and <c>_key</c>, a timestamp or null.
/// </summary>
internal sealed class Inspector(Session session, string relation, IReadOnlyList<ColumnDefinition> columns, CheckPlan? checks)
{
    private const long TrustedSample = 2_000_000;

    /// <summary>By start of the period in microseconds, or <see cref="FrequencyReader.NoKey"/>.</summary>
    public Dictionary<long, Inspection> Run(CancellationToken cancel)
    {
        var aggregates = checks?.Aggregates ?? [];
        var errors = new Dictionary<int, string>();
        var rows = Scan(aggregates, errors, cancel);
        var states = rows.ToDictionary(r => Key(r[0]), r => States(aggregates, r, errors));
        for (var i = 0; i < aggregates.Count; i++)
        {
            if (aggregates[i].Kind == AggregateKind.Groups) Group(aggregates[i], i, states, errors, cancel);
        }

        var repeats = rows.Count == 0 ? [] : Cardinality.Repeats(session, relation, [.. columns.Select(c => Sql.Name(c.Name))], cancel);
        var profiles = columns.Select((c, i) => ProfileOf(c, i, rows, repeats, cancel)).ToList();
        return rows.ToDictionary(r => Key(r[0]), r =>
        {
            var key = Key(r[0]);
            var profile = new Profile { Rows = Whole(r[1]), Columns = [.. profiles.Select(p => p[key])] };
            return new Inspection(checks?.Evaluate(states[key], errors) ?? [], profile);
        });
    }

    /// <summary>For a relation that is one period: its figures, also when it has no rows.</summary>
    public Inspection Whole(CancellationToken cancel) => Run(cancel).Values.FirstOrDefault() ?? new Inspection(
        checks?.Evaluate([.. checks.Aggregates.Select(AggregateSql.Empty)]) ?? [],
        new Profile { Rows = 0, Columns = [.. columns.Select(c => Frequencies.Profile(c.Name, c.Type, 0, ReadOnlySpan<string>.Empty, []))] });

    private int FirstCheck => 2 + columns.Count;

    // A condition in the file may be no SQL. Then the scan is done without the checks' figures, and each of them tried alone, so that one bad check harms no other.
    private List<object?[]> Scan(IReadOnlyList<Aggregate> aggregates, Dictionary<int, string> errors, CancellationToken cancel)
    {
        var basic = columns.Select(c => $"count({Sql.Name(c.Name)})");
        string Query(IEnumerable<string> figures) =>
            $"SELECT {string.Join(", ", ["epoch_us(_key)", "count(*)", .. basic, .. figures])} FROM {relation} GROUP BY _key ORDER BY _key";
        IEnumerable<string> Figures(Func<int, bool> use) =>
            aggregates.Where((a, i) => AggregateSql.Width(a) > 0 && use(i)).SelectMany(a => AggregateSql.Scan(a, columns));
        try
        {
            return session.Rows(Query(Figures(_ => true)), cancel);
        }
        catch (EngineException) when (aggregates.Count > 0)
        {
            for (var i = 0; i < aggregates.Count; i++)
            {
                if (AggregateSql.Width(aggregates[i]) == 0) continue;
                try
                {
                    session.Rows($"SELECT {string.Join(", ", AggregateSql.Scan(aggregates[i], columns))} FROM {relation}", cancel);
                }
                catch (EngineException e)
                {
                    errors[i] = e.Short;
                }
            }

            return session.Rows(Query(Figures(i => !errors.ContainsKey(i))), cancel);
        }
    }

    private AggregateState?[] States(IReadOnlyList<Aggregate> aggregates, object?[] row, Dictionary<int, string> errors)
    {
        var states = new AggregateState?[aggregates.Count];
        var at = FirstCheck;
        for (var i = 0; i < states.Length; i++)
        {
            var width = AggregateSql.Width(aggregates[i]);
            if (width == 0 || errors.ContainsKey(i)) continue;
            states[i] = AggregateSql.State(aggregates[i], row.AsSpan(at, width));
            at += width;
        }

        return states;
    }

    private void Group(Aggregate aggregate, int index, Dictionary<long, AggregateState?[]> states, Dictionary<int, string> errors, CancellationToken cancel)
    {
        // A period whose rows are all empty in these columns has no group at all.
        foreach (var state in states.Values) state[index] = new GroupsState(0, 0, 0, 0, 0);
        try
        {
            foreach (var row in session.Rows(AggregateSql.Groups(aggregate, relation), cancel)) states[Key(row[0])][index] = AggregateSql.GroupsOf(row);
        }
        catch (EngineException e)
        {
            errors[index] = e.Short;
        }
    }

    private Dictionary<long, ColumnProfile> ProfileOf(ColumnDefinition column, int index, List<object?[]> rows, bool[] repeats, CancellationToken cancel)
    {
        var nulls = rows.ToDictionary(r => Key(r[0]), r => Whole(r[1]) - Whole(r[2 + index]));
        var total = rows.Sum(r => Whole(r[1]));

        // Periods of few rows have few values. Otherwise the sample decides, but it may mislead where there are very many rows.
        if (rows.All(r => Whole(r[1]) <= Frequencies.MostValues) || (repeats[index] && total <= TrustedSample))
        {
            return FrequencyReader.Read(session, relation, column, nulls, cancel);
        }

        var distinct = session.Rows($"SELECT epoch_us(_key), approx_count_distinct({Sql.Name(column.Name)}) FROM {relation} GROUP BY _key", cancel)
            .ToDictionary(r => Key(r[0]), r => Whole(r[1]));
        return distinct.Values.Max() <= Frequencies.MostValues
            ? FrequencyReader.Read(session, relation, column, nulls, cancel)
            : EstimateReader.Read(session, relation, column, nulls, distinct, total, cancel);
    }

    private static long Key(object? value) => value is null ? FrequencyReader.NoKey : Whole(value);

    private static long Whole(object? value) => Convert.ToInt64(value ?? 0L, CultureInfo.InvariantCulture);
}
