using Serverless.Datasets;
using Serverless.DuckDb.Facts.Counting;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts;

/// <summary>
/// Profiles of all periods of a relation together, in one scan of all columns. The relation has the columns under their names and in their contracted types, and
/// <c>_key</c>, a timestamp or null.
/// </summary>
internal sealed class ProfileScan(Session session, string relation, IReadOnlyList<ColumnDefinition> columns)
{
    /// <summary>By start of the period in microseconds, or <see cref="Periods.NoKey"/>.</summary>
    public Dictionary<long, ProfileState> Run(CancellationToken cancel)
    {
        var counts = new ProfileCounts(columns);
        session.Stream($"SELECT {string.Join(", ", ["_key", .. columns.Select(c => Sql.Name(c.Name))])} FROM {relation}", (in Chunk chunk) => counts.Add(chunk, 1, []), cancel);
        return counts.Finish();
    }
}
