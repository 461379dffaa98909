using System.Globalization;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts;

/// <summary>Profiles of all periods of a relation together. The relation has the columns under their names, and <c>_key</c>, a timestamp or null.</summary>
internal sealed class ProfileScan(Session session, string relation, IReadOnlyList<ColumnDefinition> columns)
{
    private const long TrustedSample = 2_000_000;

    /// <summary>By start of the period in microseconds, or <see cref="Periods.NoKey"/>.</summary>
    public Dictionary<long, Profile> Run(CancellationToken cancel)
    {
        var counts = columns.Select(c => $"count({Sql.Name(c.Name)})");
        var rows = session.Rows($"SELECT {string.Join(", ", ["epoch_us(_key)", "count(*)", .. counts])} FROM {relation} GROUP BY _key ORDER BY _key", cancel);
        var repeats = rows.Count == 0 ? [] : Cardinality.Repeats(session, relation, [.. columns.Select(c => Sql.Name(c.Name))], cancel);
        var profiles = columns.Select((c, i) => ProfileOf(c, i, rows, repeats, cancel)).ToList();
        return rows.ToDictionary(r => Periods.Key(r[0]), r => new Profile { Rows = Whole(r[1]), Columns = [.. profiles.Select(p => p[Periods.Key(r[0])])] });
    }

    private Dictionary<long, ColumnProfile> ProfileOf(ColumnDefinition column, int index, List<object?[]> rows, bool[] repeats, CancellationToken cancel)
    {
        var nulls = rows.ToDictionary(r => Periods.Key(r[0]), r => Whole(r[1]) - Whole(r[2 + index]));
        var total = rows.Sum(r => Whole(r[1]));

        // Periods of few rows have few values. Otherwise the sample decides, but it may mislead where there are very many rows.
        if (rows.All(r => Whole(r[1]) <= Frequencies.MostValues) || (repeats[index] && total <= TrustedSample))
        {
            return FrequencyReader.Read(session, relation, column, nulls, cancel);
        }

        var distinct = session.Rows($"SELECT epoch_us(_key), approx_count_distinct({Sql.Name(column.Name)}) FROM {relation} GROUP BY _key", cancel)
            .ToDictionary(r => Periods.Key(r[0]), r => Whole(r[1]));
        return distinct.Values.Max() <= Frequencies.MostValues
            ? FrequencyReader.Read(session, relation, column, nulls, cancel)
            : EstimateReader.Read(session, relation, column, nulls, distinct, total, cancel);
    }

    private static long Whole(object? value) => Convert.ToInt64(value ?? 0L, CultureInfo.InvariantCulture);
}
