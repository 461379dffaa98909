using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Partitions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts;

/// <summary>Checks and profiles of all periods of a relation together. The relation has the columns under their names, and <c>_key</c>, a timestamp or null.</summary>
internal sealed class Inspector(Session session, string relation, IReadOnlyList<ColumnDefinition> columns, CheckPlan? checks)
{
    /// <summary>By start of the period in microseconds, or <see cref="Periods.NoKey"/>.</summary>
    public Dictionary<long, Inspection> Run(CancellationToken cancel)
    {
        var states = new ProfileScan(session, relation, columns).Run(cancel);
        var profiles = ExactQuantiles.Put(session, relation, columns, states, cancel);
        var results = checks is { Aggregates.Count: > 0 } ? new CheckScan(session, relation, columns, checks).Run(cancel) : [];
        return profiles.ToDictionary(p => p.Key, p => new Inspection(results.GetValueOrDefault(p.Key) ?? [], p.Value));
    }

    /// <summary>For a relation that is one period: its figures, also when it has no rows.</summary>
    public Inspection Whole(CancellationToken cancel) => Run(cancel).Values.FirstOrDefault() ?? new Inspection(
        checks?.Evaluate([.. checks.Aggregates.Select(AggregateSql.Empty)]) ?? [], ProfileState.Empty(columns).ToProfile());
}
