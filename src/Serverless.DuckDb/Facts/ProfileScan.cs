using Serverless.Datasets;
using Serverless.DuckDb.Facts.Counting;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts;

/// <summary>
/// Profiles of all periods of a relation together, in one scan of all columns: the engine hands over its vectors, and the values are counted here. The relation has the
/// columns under their names and in their contracted types, and <c>_key</c>, a timestamp or null.
/// </summary>
internal sealed class ProfileScan(Session session, string relation, IReadOnlyList<ColumnDefinition> columns)
{
    private readonly ColumnCounts[] counts = [.. columns.Select(ColumnCounts.For)];
    private readonly Dictionary<long, int> periods = [];
    private readonly List<long> rows = [];

    /// <summary>By start of the period in microseconds, or <see cref="Periods.NoKey"/>.</summary>
    public Dictionary<long, ProfileState> Run(CancellationToken cancel)
    {
        session.Stream($"SELECT {string.Join(", ", ["_key", .. columns.Select(c => Sql.Name(c.Name))])} FROM {relation}", Count, cancel);
        var states = counts.Select(c => c.Finish()).ToArray();
        return periods.ToDictionary(p => p.Key, p => new ProfileState(rows[p.Value], [.. states.Select(s => s[p.Value])]));
    }

    // Rows of a period mostly lie together: they are counted run by run.
    private void Count(in Chunk chunk)
    {
        var keys = chunk[0];
        var starts = keys.Values<long>();
        for (var i = 0; i < chunk.Rows;)
        {
            var start = i++;
            var key = keys.IsNull(start) ? Periods.NoKey : starts[start];
            while (i < chunk.Rows && (keys.IsNull(i) ? Periods.NoKey : starts[i]) == key) i++;
            var period = Period(key);
            rows[period] += i - start;
            for (var c = 0; c < counts.Length; c++) counts[c].Add(period, chunk[c + 1], start, i);
        }
    }

    private int Period(long key)
    {
        if (periods.TryGetValue(key, out var known)) return known;
        foreach (var column in counts) column.AddPeriod();
        rows.Add(0);
        periods.Add(key, rows.Count - 1);
        return rows.Count - 1;
    }
}
