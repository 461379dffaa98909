using System.Globalization;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Facts;

/// <summary>Whether a column repeats its values, from a sample: then working on the different values is cheaper than working on the rows.</summary>
internal static class Cardinality
{
    private const int Sampled = 10_000;

    /// <param name="expressions">SQL of the columns, over the relation.</param>
    /// <returns>For each column whether at most half of the sampled values are different.</returns>
    public static bool[] Repeats(Session session, string relation, IReadOnlyList<string> expressions, CancellationToken cancel)
    {
        if (expressions.Count == 0) return [];
        var row = session.Rows($"SELECT count(*), {string.Join(", ", expressions.Select(e => $"approx_count_distinct({e})"))} FROM (SELECT * FROM {relation} LIMIT {Sampled})", cancel)[0];
        var rows = Convert.ToInt64(row[0], CultureInfo.InvariantCulture);
        return [.. row.Skip(1).Select(d => Convert.ToInt64(d, CultureInfo.InvariantCulture) * 2 <= rows)];
    }
}
