using System.Globalization;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts;

/// <summary>
/// The aggregates of checks, for all periods of a relation together: one grouped scan for every plain figure, then one grouping for each combination of columns whose
/// values are counted and which the profile has not counted. The relation has the columns under their names, and <c>_key</c>, a timestamp or null.
/// </summary>
/// <param name="profiles">What was counted of the same rows already, by period.</param>
internal sealed class CheckScan(
    Session session, string relation, IReadOnlyList<ColumnDefinition> columns, CheckPlan checks, IReadOnlyDictionary<long, ProfileState> profiles, DropFacts drop, SqlLimits limits)
{
    private readonly IReadOnlyList<Aggregate> aggregates = checks.Aggregates;
    private readonly Dictionary<int, string> errors = [];
    private readonly long rows = profiles.Values.Sum(p => p.Rows);
    private int scans;

    /// <summary>The results by start of the period in microseconds, or <see cref="Periods.NoKey"/>.</summary>
    public Dictionary<long, CheckedPeriod> Run(CancellationToken cancel)
    {
        Judge(cancel);
        var states = profiles.Keys.ToDictionary(k => k, _ => new AggregateState?[aggregates.Count]);
        if (Wanted(a => AggregateSql.Width(a) > 0).Any())
        {
            foreach (var row in Scan(cancel)) Take(row, states[Periods.Key(row[0])]);
        }

        foreach (var where in Wanted(a => a.Kind == AggregateKind.Values).GroupBy(i => aggregates[i].Where)) Values(where.Key, [.. where], states, cancel);
        foreach (var i in Wanted(a => a.Kind == AggregateKind.Groups)) Groups(i, states, cancel);
        foreach (var i in Wanted(a => a.Kind == AggregateKind.Pairs)) Put(i, states, stop => GroupScan.Pairs(session, aggregates[i], relation, stop), cancel);
        foreach (var i in Wanted(a => a.Kind is AggregateKind.Reference or AggregateKind.Columns))
        {
            foreach (var (key, found) in states) found[i] = drop.State(aggregates[i], key);
        }

        Ask([.. Wanted(a => a.Kind == AggregateKind.Query)], states, cancel);
        return states.ToDictionary(s => s.Key, s => new CheckedPeriod(checks.Evaluate(s.Value, errors), s.Value, errors, scans));
    }

    private IEnumerable<int> Wanted(Func<Aggregate, bool> kind) => Enumerable.Range(0, aggregates.Count).Where(i => kind(aggregates[i]) && !errors.ContainsKey(i));

    // Somebody's conditions become part of our own statements: nothing of them is run before it is known to be a condition and nothing else.
    private void Judge(CancellationToken cancel)
    {
        for (var i = 0; i < aggregates.Count; i++)
        {
            var condition = aggregates[i].Kind == AggregateKind.CountIf ? aggregates[i].Text : null;
            foreach (var text in new[] { aggregates[i].Where, condition }.OfType<string>())
            {
                if (SqlGate.Condition(session, text, columns, cancel) is { } wrong) errors[i] = $"'{text}' is no condition: {wrong}";
            }
        }
    }

    // A condition that is one may still fail on the values. Then each figure is tried alone, so that one bad check harms no other.
    private List<object?[]> Scan(CancellationToken cancel)
    {
        string Query(IEnumerable<int> wanted, bool grouped = true) =>
            $"SELECT {string.Join(", ", [grouped ? "epoch_us(_key)" : "1", .. wanted.SelectMany(i => AggregateSql.Scan(aggregates[i], columns))])} FROM {relation}{(grouped ? " GROUP BY _key" : "")}";
        int[] all = [.. Wanted(a => AggregateSql.Width(a) > 0)];
        List<object?[]> Rows() => aggregates.Any(a => a.HasSql) ? limits.Rows(session, Query(all), rows, cancel) : session.Rows(Query(all), cancel);
        try
        {
            scans++;
            return Rows();
        }
        catch (EngineException)
        {
            foreach (var i in all)
            {
                try
                {
                    scans++;
                    limits.Rows(session, Query([i], grouped: false), rows, cancel);
                }
                catch (EngineException e)
                {
                    errors[i] = e.Short;
                }
            }

            all = [.. all.Where(i => !errors.ContainsKey(i))];
            scans++;
            return Rows();
        }
    }

    private void Take(object?[] row, AggregateState?[] states)
    {
        var at = 1;
        foreach (var i in Wanted(a => AggregateSql.Width(a) > 0))
        {
            var width = AggregateSql.Width(aggregates[i]);
            states[i] = AggregateSql.State(aggregates[i], row.AsSpan(at, width));
            at += width;
        }
    }

    // The profile has the values of whole columns; under a condition they are counted in the same way, once for each condition.
    private void Values(string? where, IReadOnlyList<int> wanted, Dictionary<long, AggregateState?[]> states, CancellationToken cancel)
    {
        IReadOnlyDictionary<long, ProfileState> counted = profiles;
        if (where is not null)
        {
            ColumnDefinition[] read = [.. columns.Where(c => wanted.Any(i => aggregates[i].Columns[0] == c.Name))];
            scans++;
            try
            {
                var scan = new ProfileScan(session, $"(SELECT {string.Join(", ", read.Select(c => Sql.Name(c.Name)))}, _key FROM {relation} WHERE (\n{where}\n))", read);
                counted = limits.Run(scan.Run, rows, cancel);
            }
            catch (EngineException e)
            {
                foreach (var i in wanted) errors[i] = e.Short;
                return;
            }
        }

        foreach (var (key, found) in states)
        {
            foreach (var i in wanted)
            {
                found[i] = counted.GetValueOrDefault(key)?.Columns.FirstOrDefault(c => c.Name == aggregates[i].Columns[0]) is { } column
                    ? new ValuesOfColumnState(column) : AggregateSql.Empty(aggregates[i], columns);
            }
        }
    }

    private void Groups(int index, Dictionary<long, AggregateState?[]> states, CancellationToken cancel)
    {
        var aggregate = aggregates[index];
        if (aggregate is { Where: null, Columns.Count: 1 })
        {
            var known = profiles.ToDictionary(p => p.Key, p => GroupScan.OfProfile(p.Value.Columns.FirstOrDefault(c => c.Name == aggregate.Columns[0])));
            if (known.Values.All(k => k is not null))
            {
                foreach (var (key, found) in states) found[index] = known[key];
                return;
            }
        }

        Put(index, states, stop => GroupScan.Groups(session, aggregate, relation, stop), cancel);
    }

    private void Put(int index, Dictionary<long, AggregateState?[]> states, Func<CancellationToken, Dictionary<long, AggregateState>> scan, CancellationToken cancel)
    {
        try
        {
            scans++;
            var found = aggregates[index].Where is null ? scan(cancel) : limits.Run(scan, rows, cancel);

            // A period whose rows are all empty in these columns has no group at all.
            foreach (var (key, state) in states) state[index] = found.GetValueOrDefault(key) ?? AggregateSql.Empty(aggregates[index], columns);
        }
        catch (EngineException e)
        {
            errors[index] = e.Short;
        }
    }

    private void Ask(IReadOnlyList<int> wanted, Dictionary<long, AggregateState?[]> states, CancellationToken cancel)
    {
        if (wanted.Count == 0) return;
        scans++;
        using var sandbox = SqlSandbox.Open(session, relation, columns, limits, cancel);
        foreach (var i in wanted)
        {
            scans++;
            try
            {
                foreach (var (key, found) in states) found[i] = new FigureState(sandbox.Ask(aggregates[i].Text!, aggregates[i].Where, key, cancel));
            }
            catch (EngineException e)
            {
                errors[i] = e.Short;
            }
        }
    }
}

/// <param name="States">In the order of the plan's aggregates; null for one that could not be computed.</param>
/// <param name="Scans">How often rows were read for the checks of all periods.</param>
internal sealed record CheckedPeriod(IReadOnlyList<CheckResult> Results, IReadOnlyList<AggregateState?> States, IReadOnlyDictionary<int, string> Errors, int Scans);

/// <summary>What checks may want to know of the drop beside its rows; nothing when the rows come from elsewhere.</summary>
/// <param name="Arrived">When it arrived.</param>
/// <param name="Grain">How long its periods are.</param>
internal sealed record DropFacts(DateTimeOffset? Arrived = null, PartitionGrain Grain = PartitionGrain.Day, ColumnsState? Columns = null)
{
    public static DropFacts None { get; } = new();

    public AggregateState State(Aggregate aggregate, long key)
    {
        if (aggregate.Kind == AggregateKind.Columns) return Columns ?? ColumnsState.None;
        double? time = Arrived is null ? null : aggregate.Text == "end" && key != Periods.NoKey ? ReferenceTime.End(key, Grain) : ReferenceTime.Of(Arrived.Value);
        return new ExtremesState(time, time);
    }
}

/// <summary>Periods as keys: the start in microseconds since 1970.</summary>
internal static class Periods
{
    /// <summary>Key of rows without a period (files outside any partition).</summary>
    public const long NoKey = long.MinValue;

    public static long Key(object? value) => value is null ? NoKey : Convert.ToInt64(value, CultureInfo.InvariantCulture);
}
