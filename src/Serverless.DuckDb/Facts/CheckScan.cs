using System.Globalization;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Facts;

/// <summary>
/// The aggregates of checks, for all periods of a relation together: one grouped scan for every plain figure, then one grouping for each combination of columns whose
/// values are counted. The relation has the columns under their names, and <c>_key</c>, a timestamp or null.
/// </summary>
internal sealed class CheckScan(Session session, string relation, IReadOnlyList<ColumnDefinition> columns, CheckPlan checks)
{
    private readonly IReadOnlyList<Aggregate> aggregates = checks.Aggregates;
    private readonly Dictionary<int, string> errors = [];

    /// <summary>The results by start of the period in microseconds, or <see cref="Periods.NoKey"/>.</summary>
    public Dictionary<long, IReadOnlyList<CheckResult>> Run(CancellationToken cancel)
    {
        var states = Scan(cancel).ToDictionary(r => Periods.Key(r[0]), States);
        for (var i = 0; i < aggregates.Count; i++)
        {
            if (aggregates[i].Kind == AggregateKind.Groups) Group(i, states, cancel);
        }

        return states.ToDictionary(s => s.Key, s => checks.Evaluate(s.Value, errors));
    }

    // A condition in the file may be no SQL. Then the scan is done without the checks' figures, and each of them tried alone, so that one bad check harms no other.
    private List<object?[]> Scan(CancellationToken cancel)
    {
        string Query(IEnumerable<string> figures) =>
            $"SELECT {string.Join(", ", ["epoch_us(_key)", .. figures])} FROM {relation} GROUP BY _key";
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

    private AggregateState?[] States(object?[] row)
    {
        var states = new AggregateState?[aggregates.Count];
        var at = 1;
        for (var i = 0; i < states.Length; i++)
        {
            var width = AggregateSql.Width(aggregates[i]);
            if (width == 0 || errors.ContainsKey(i)) continue;
            states[i] = AggregateSql.State(aggregates[i], row.AsSpan(at, width));
            at += width;
        }

        return states;
    }

    private void Group(int index, Dictionary<long, AggregateState?[]> states, CancellationToken cancel)
    {
        // A period whose rows are all empty in these columns has no group at all.
        foreach (var state in states.Values) state[index] = new GroupsState(0, 0, 0, 0, 0);
        try
        {
            foreach (var row in session.Rows(AggregateSql.Groups(aggregates[index], relation), cancel)) states[Periods.Key(row[0])][index] = AggregateSql.GroupsOf(row);
        }
        catch (EngineException e)
        {
            errors[index] = e.Short;
        }
    }
}

/// <summary>Periods as keys: the start in microseconds since 1970.</summary>
internal static class Periods
{
    /// <summary>Key of rows without a period (files outside any partition).</summary>
    public const long NoKey = long.MinValue;

    public static long Key(object? value) => value is null ? NoKey : Convert.ToInt64(value, CultureInfo.InvariantCulture);
}
