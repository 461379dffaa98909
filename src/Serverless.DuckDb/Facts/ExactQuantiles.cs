using System.Collections;
using System.Globalization;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts;

/// <summary>
/// Quantiles of columns with too many different values to count, as long as the engine can hold all values (8 bytes each): then the figures of a profile are exact
/// although what is merged later is a sketch.
/// </summary>
internal static class ExactQuantiles
{
    /// <summary>More rows than this together are left to the sketches.</summary>
    public const long MostRows = 20_000_000;

    public static Dictionary<long, Profile> Put(Session session, string relation, IReadOnlyList<ColumnDefinition> columns, IReadOnlyDictionary<long, ProfileState> states,
        CancellationToken cancel)
    {
        var profiles = states.ToDictionary(s => s.Key, s => s.Value.ToProfile());
        int[] many = [.. Enumerable.Range(0, columns.Count)
            .Where(c => columns[c].Type is ColumnType.Integer or ColumnType.Number && states.Values.Any(s => !s.Columns[c].IsExact))];
        if (many.Length == 0 || states.Values.Sum(s => s.Rows) > MostRows) return profiles;

        var probabilities = string.Join(", ", Frequencies.Quantiles.Select(q => Sql.Number(q.P)));
        var figures = many.Select(c => $"quantile_cont({Sql.Name(columns[c].Name)}, [{probabilities}])");
        foreach (var row in session.Rows($"SELECT epoch_us(_key), {string.Join(", ", figures)} FROM {relation} GROUP BY _key", cancel))
        {
            var key = Periods.Key(row[0]);
            var changed = profiles[key].Columns.ToArray();
            for (var i = 0; i < many.Length; i++)
            {
                if (row[i + 1] is not IList list || states[key].Columns[many[i]].IsExact) continue;
                changed[many[i]] = changed[many[i]] with
                {
                    RankError = null,
                    Quantiles = Frequencies.Quantiles.Select((q, at) => (q.Name, Value: Frequencies.Round(Convert.ToDouble(list[at], CultureInfo.InvariantCulture))))
                        .ToDictionary(q => q.Name, q => q.Value),
                };
            }

            profiles[key] = profiles[key] with { Columns = changed };
        }

        return profiles;
    }
}
