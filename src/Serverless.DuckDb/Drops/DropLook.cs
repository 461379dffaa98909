using Serverless.Datasets;
using Serverless.DuckDb.Facts.Counting;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Drops;

/// <summary>What one look at the typed rows of a drop tells: which periods they belong to, and the profiles of their good rows.</summary>
/// <param name="Periods">In the order of time; rows without a period last.</param>
/// <param name="Profiles">By start of the period.</param>
internal sealed record DropLook(IReadOnlyList<DropLook.Period> Periods, Dictionary<long, ProfileState> Profiles)
{
    /// <summary>More different texts than this are not tried one by one: then every row is.</summary>
    private const int MostTexts = 20_000;

    /// <summary>Likewise, in characters.</summary>
    private const long MostCharacters = 4_000_000;

    /// <param name="Key">Its start in microseconds; null for rows that have none.</param>
    /// <param name="First">The least place among its rows, good and bad.</param>
    public sealed record Period(long? Key, long Good, long Bad, long First, long Last);

    /// <summary>Null when patterns are looked at and a text does not match its column's.</summary>
    public static DropLook? Run(Session session, IReadOnlyList<ColumnDefinition> columns, bool patterns, CancellationToken cancel)
    {
        var (periods, counts, bad) = (new Collected(), new ProfileCounts(columns), false);
        session.Stream($"SELECT {string.Join(", ", ["_key", "_check IS NULL", "rowid", .. columns.Select((_, i) => $"v{i}")])} FROM rows", (in Chunk chunk) =>
        {
            periods.Add(chunk);
            var fine = chunk[1].Values<byte>();
            var some = fine.Contains((byte)0);
            bad |= some;
            counts.Add(chunk, 3, some ? fine : []);
        }, cancel);
        if (patterns && columns.Index().Any(c => c.Item.Pattern is { } pattern && Breaks(session, $"v{c.Index}", pattern, counts.Texts(c.Index), bad, cancel))) return null;
        return new DropLook(periods.Ordered(), counts.Finish());
    }

    // What was counted are the texts of good rows. Those of rows with another fault are tried too, because the first fault of a row gives it its name.
    private static bool Breaks(Session session, string cell, string pattern, IReadOnlyList<string>? met, bool bad, CancellationToken cancel)
    {
        var few = met is { Count: <= MostTexts } && met.Sum(t => (long)t.Length) <= MostCharacters;
        return (few && met!.Count > 0 && Any($"(SELECT unnest({Sql.Texts(met)}) AS {cell})")) || (!few && Any("rows")) || (few && bad && Any("rows WHERE _check IS NOT NULL"));

        bool Any(string values) => session.Rows($"SELECT 1 FROM (FROM {values}) WHERE NOT regexp_matches({cell}, {Sql.Text(pattern)}) LIMIT 1", cancel).Count > 0;
    }

    private sealed class Collected
    {
        private readonly Dictionary<long, int> places = [];
        private readonly List<Period> periods = [];

        // Rows of a period mostly lie together: they are taken run by run.
        public void Add(in Chunk chunk)
        {
            Vector keys = chunk[0], fine = chunk[1], at = chunk[2];
            var starts = keys.Values<long>();
            var good = fine.Values<byte>();
            var ids = at.Values<long>();
            for (var i = 0; i < chunk.Rows;)
            {
                var start = i++;
                long? key = keys.IsNull(start) ? null : starts[start];
                while (i < chunk.Rows && (key is { } k ? !keys.IsNull(i) && starts[i] == k : keys.IsNull(i))) i++;
                var whole = i - start - good[start..i].Count((byte)0);
                Merge(new Period(key, whole, i - start - whole, ids[start], ids[i - 1]));
            }
        }

        public IReadOnlyList<Period> Ordered() => [.. periods.OrderBy(p => p.Key ?? long.MaxValue)];

        private void Merge(Period part)
        {
            if (!places.TryGetValue(part.Key ?? long.MinValue, out var place))
            {
                places.Add(part.Key ?? long.MinValue, periods.Count);
                periods.Add(part);
                return;
            }

            var known = periods[place];
            periods[place] = new Period(known.Key, known.Good + part.Good, known.Bad + part.Bad, Math.Min(known.First, part.First), Math.Max(known.Last, part.Last));
        }
    }
}
