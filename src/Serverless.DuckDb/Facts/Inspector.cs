using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Partitions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts;

/// <summary>Checks and profiles of all periods of a relation together. The relation has the columns under their names, and <c>_key</c>, a timestamp or null.</summary>
internal sealed class Inspector(Session session, string relation, IReadOnlyList<ColumnDefinition> columns, CheckPlan? checks, DropFacts? drop = null, SqlLimits? limits = null)
{
    /// <summary>By start of the period in microseconds, or <see cref="Periods.NoKey"/>.</summary>
    /// <param name="counted">The profiles of the relation, where it was counted before.</param>
    public Dictionary<long, Inspection> Run(CancellationToken cancel, Dictionary<long, ProfileState>? counted = null)
    {
        var states = counted ?? new ProfileScan(session, relation, columns).Run(cancel);
        var profiles = ExactQuantiles.Put(session, relation, columns, states, cancel);
        if (checks is not { Aggregates.Count: > 0 }) return profiles.ToDictionary(p => p.Key, p => new Inspection([], p.Value));
        var results = new CheckScan(session, relation, columns, checks, states, drop ?? DropFacts.None, limits ?? SqlLimits.Default).Run(cancel);
        return profiles.ToDictionary(p => p.Key, p => new Inspection(results[p.Key].Results, p.Value)
        {
            Scans = results[p.Key].Scans, States = results[p.Key].States, Errors = results[p.Key].Errors, Stored = checks.Store(results[p.Key].States),
        });
    }

    /// <summary>For a relation that is one period: its figures, also when it has no rows.</summary>
    public Inspection Whole(CancellationToken cancel)
    {
        if (Run(cancel).Values.FirstOrDefault() is { } found) return found;
        AggregateState?[] none = [.. checks?.Aggregates.Select(a => AggregateSql.Empty(a, columns)) ?? []];
        return new Inspection(checks?.Evaluate(none) ?? [], ProfileState.Empty(columns).ToProfile()) { States = none, Stored = checks?.Store(none) ?? [] };
    }
}
