using System.Runtime.InteropServices;
using System.Text;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts;

/// <summary>Counts of each value of a column by period, as profiles. Values arrive in any order and are sorted here, period by period.</summary>
internal static class FrequencyReader
{
    public static Dictionary<long, ColumnProfile> Read(
        Session session, string relation, ColumnDefinition column, IReadOnlyDictionary<long, long> nulls, CancellationToken cancel)
    {
        var name = Sql.Name(column.Name);
        string Query(string value) =>
            $"SELECT coalesce(epoch_us(_key), {Periods.NoKey + 1} - 1), {value}, count(*) FROM {relation} WHERE {name} IS NOT NULL GROUP BY _key, {name}";
        return column.Type switch
        {
            ColumnType.Integer => Fill(session, Query(name), Long, (n, v, c) => Frequencies.Profile(column.Name, column.Type, n, v, c), column, nulls, cancel),
            ColumnType.Timestamp => Fill(session, Query($"epoch_us({name})"), Long, (n, v, c) => Frequencies.Profile(column.Name, column.Type, n, v, c), column, nulls, cancel),
            ColumnType.Number => Fill(session, Query(name), Double, (n, v, c) => Frequencies.Profile(column.Name, column.Type, n, v, c), column, nulls, cancel),
            _ => Fill(session, Query($"CAST({name} AS VARCHAR)"), Text, (n, v, c) => Frequencies.Profile(column.Name, column.Type, n, v, c), column, nulls, cancel),
        };
    }

    private delegate ColumnProfile Profiler<T>(long nulls, ReadOnlySpan<T> values, ReadOnlySpan<long> counts);

    private delegate T ValueOf<out T>(in Vector vector, int row);

    private static long Long(in Vector vector, int row) => vector.Values<long>()[row];

    private static double Double(in Vector vector, int row) => vector.Values<double>()[row];

    private static string Text(in Vector vector, int row) => Encoding.UTF8.GetString(vector.Utf8(row));

    private sealed class Counts<T>
    {
        public List<T> Values { get; } = [];

        public List<long> Numbers { get; } = [];
    }

    private static Dictionary<long, ColumnProfile> Fill<T>(Session session, string sql, ValueOf<T> valueOf, Profiler<T> profile, ColumnDefinition column,
        IReadOnlyDictionary<long, long> nulls, CancellationToken cancel) where T : notnull
    {
        var byKey = nulls.Keys.ToDictionary(k => k, _ => new Counts<T>());
        session.Read(sql, (in Chunk chunk) =>
        {
            var keys = chunk[0].Values<long>();
            var values = chunk[1];
            var counts = chunk[2].Values<long>();
            for (var i = 0; i < chunk.Rows; i++)
            {
                var group = byKey[keys[i]];
                group.Values.Add(valueOf(values, i));
                group.Numbers.Add(counts[i]);
            }
        }, cancel);

        var profiles = new Dictionary<long, ColumnProfile>(byKey.Count);
        foreach (var (key, group) in byKey)
        {
            var values = CollectionsMarshal.AsSpan(group.Values);
            var counts = CollectionsMarshal.AsSpan(group.Numbers);
            if (typeof(T) == typeof(string)) values.Sort(counts, (Comparison<T>)(object)(Comparison<string>)string.CompareOrdinal);
            else values.Sort(counts);
            profiles[key] = profile(nulls[key], values, counts);
        }

        return profiles;
    }
}
