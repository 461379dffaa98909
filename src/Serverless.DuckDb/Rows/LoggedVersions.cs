using Serverless.DuckDb.Sessions;
using Serverless.Problems;
using Serverless.Retention;

namespace Serverless.DuckDb.Rows;

/// <inheritdoc cref="ILoggedVersions"/>
internal sealed class LoggedVersions : ILoggedVersions
{
    public Task<IReadOnlyList<int>> VersionsAsync(IReadOnlyList<string> paths, CancellationToken cancel = default) => Task.Run<IReadOnlyList<int>>(() =>
    {
        if (paths.Count == 0) return [];
        using var session = Session.Open();
        try
        {
            var rows = session.Rows($"SELECT DISTINCT version FROM read_parquet([{string.Join(", ", paths.Select(Sql.Path))}], hive_partitioning=false, union_by_name=true) ORDER BY version", cancel);
            return [.. rows.Select(r => Convert.ToInt32(r[0], System.Globalization.CultureInfo.InvariantCulture))];
        }
        catch (EngineException e)
        {
            throw new DataException($"the prediction log cannot be read: {e.Short}", e);
        }
    }, cancel);
}
