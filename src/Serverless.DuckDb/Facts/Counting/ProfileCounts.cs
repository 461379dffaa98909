using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts.Counting;

/// <summary>Values of all columns by period, counted on the engine's own vectors, on the way into the profiles of the periods.</summary>
internal sealed class ProfileCounts(IReadOnlyList<ColumnDefinition> columns)
{
    private readonly ColumnCounts[] counts = [.. columns.Select(ColumnCounts.For)];
    private readonly Dictionary<long, int> periods = [];
    private readonly List<long> rows = [];
    private readonly List<(int Period, int Start, int End)> runs = [];

    /// <param name="chunk">Its first column is the start of the period, a timestamp or null.</param>
    /// <param name="first">Where the columns begin, in their order.</param>
    /// <param name="fine">0 for rows that are not to be counted; empty = all are.</param>
    public void Add(in Chunk chunk, int first, ReadOnlySpan<byte> fine)
    {
        // Rows of a period mostly lie together: they are counted run by run.
        FindRuns(chunk[0], chunk.Rows, fine);
        for (var c = 0; c < counts.Length; c++)
        {
            var vector = chunk[first + c];
            foreach (var (period, start, end) in runs) counts[c].Add(period, vector, start, end);
        }
    }

    /// <summary>The different texts of a column; null when they are too many or too long to be kept, or it has no texts.</summary>
    public IReadOnlyList<string>? Texts(int column) => counts[column].Texts;

    /// <summary>By start of the period in microseconds, or <see cref="Periods.NoKey"/>.</summary>
    public Dictionary<long, ProfileState> Finish()
    {
        var states = counts.Select(c => c.Finish()).ToArray();
        return periods.ToDictionary(p => p.Key, p => new ProfileState(rows[p.Value], [.. states.Select(s => s[p.Value])]));
    }

    private void FindRuns(in Vector keys, int count, ReadOnlySpan<byte> fine)
    {
        runs.Clear();
        var starts = keys.Values<long>();
        for (var i = 0; i < count;)
        {
            var start = i++;
            if (!fine.IsEmpty && fine[start] == 0) continue;
            var key = keys.IsNull(start) ? Periods.NoKey : starts[start];
            while (i < count && (keys.IsNull(i) ? Periods.NoKey : starts[i]) == key && (fine.IsEmpty || fine[i] != 0)) i++;
            var period = Period(key);
            rows[period] += i - start;
            runs.Add((period, start, i));
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
