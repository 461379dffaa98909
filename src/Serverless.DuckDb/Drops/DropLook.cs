using Serverless.DuckDb.Facts.Counting;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Drops;

/// <summary>What one look at the typed rows of a drop tells: which periods they belong to, and whether texts match the patterns of their columns.</summary>
/// <param name="Periods">In the order of time; rows without a period last.</param>
/// <param name="Matches">Every text does.</param>
internal sealed record DropLook(IReadOnlyList<DropLook.Period> Periods, bool Matches)
{
    /// <summary>More different texts than this are not collected: then every row is tried.</summary>
    private const int MostTexts = 20_000;

    /// <summary>Likewise, in bytes: memory stays bounded, however long the texts are.</summary>
    private const long MostBytes = 4_000_000;

    /// <param name="Key">Its start in microseconds; null for rows that have none.</param>
    /// <param name="First">The least place among its rows, good and bad.</param>
    public sealed record Period(long? Key, long Good, long Bad, long First, long Last);

    public static DropLook Run(Session session, IReadOnlyList<(string Cell, string Pattern)> patterns, CancellationToken cancel)
    {
        var (periods, texts) = (new Collected(), patterns.Select(_ => new Texts()).ToArray());
        session.Stream($"SELECT {string.Join(", ", ["_key", "_check IS NULL", "rowid", .. patterns.Select(p => p.Cell)])} FROM rows", (in Chunk chunk) =>
        {
            periods.Add(chunk);
            for (var c = 0; c < texts.Length; c++) texts[c].Add(chunk[c + 3], chunk.Rows);
        }, cancel);
        return new DropLook(periods.Ordered(), !patterns.Where((p, i) => Breaks(session, p.Cell, p.Pattern, texts[i], cancel)).Any());
    }

    private static bool Breaks(Session session, string cell, string pattern, Texts texts, CancellationToken cancel)
    {
        if (texts.All is { Count: 0 }) return false;
        var values = texts.All is { } all ? $"(SELECT unnest({Sql.Texts(all)}) AS {cell})" : "rows";
        return session.Rows($"SELECT 1 FROM {values} WHERE NOT regexp_matches({cell}, {Sql.Text(pattern)}) LIMIT 1", cancel).Count > 0;
    }

    private sealed class Texts
    {
        private TextCodes? codes = new();
        private long bytes;

        /// <summary>The different texts; null when they were too many.</summary>
        public IReadOnlyList<string>? All => codes is { } met ? [.. Enumerable.Range(0, met.Count).Select(code => met[code])] : null;

        public void Add(in Vector cells, int rows)
        {
            for (var i = 0; i < rows && codes is not null; i++)
            {
                var known = codes.Count;
                if (cells.IsNull(i) || codes.Of(cells, i) < known) continue;
                bytes += cells.Utf8(i).Length;
                if (codes.Count > MostTexts || bytes > MostBytes) codes = null;
            }
        }
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
