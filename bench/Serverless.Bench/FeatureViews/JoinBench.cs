using System.Diagnostics;
using DuckDB.NET.Data;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.FeatureViews;
using Serverless.Models;
using Serverless.Partitions;

namespace Serverless.Bench.FeatureViews;

/// <summary>
/// Point-in-time join of 1,000,000 real flights with three views, by origin, by destination and by both. <c>values</c>: the views' values stand in Parquet files, one row for each key and
/// hour. <c>aggregates</c>: they are computed, as windows over the flights themselves. Peer: DuckDB's ASOF JOIN of the same files, in SQL written by hand, its rows and its result in tables of
/// memory as ours are; two threads. Both give the same values, which is checked.
/// </summary>
internal sealed class JoinBench : IBench
{
    private const double Limit = 2;
    private const string Hourly = "SELECT {0}, hour, created, mean_delay, flights FROM data";
    private static readonly string[][] Keys = [["origin"], ["destination"], ["origin", "destination"]];

    public string Name => "join";

    public string Description => "point-in-time join of 1,000,000 flights with three views, against DuckDB's ASOF JOIN by hand";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["values-by-hand"] = () => Task.FromResult(ByHand(aggregates: false)), ["values-ours"] = () => OursAsync(aggregates: false),
        ["aggregates-by-hand"] = () => Task.FromResult(ByHand(aggregates: true)), ["aggregates-ours"] = () => OursAsync(aggregates: true),
    };

    private static string Flights => BenchData.Made("join-flights.parquet");

    public Task PrepareAsync()
    {
        // One flight in a million has no time.
        Make(Flights, $"SELECT * FROM '{BenchData.FlightsParquet}' WHERE date IS NOT NULL LIMIT 1000000");
        foreach (var keys in Keys)
        {
            var key = string.Join(", ", keys);
            Make(Values(keys), $"SELECT {key}, date_trunc('hour', date) + INTERVAL 1 HOUR AS hour, date_trunc('hour', date) + INTERVAL 2 HOUR AS created, avg(delay) AS mean_delay, count(*)::DOUBLE AS flights FROM '{Flights}' GROUP BY ALL ORDER BY hour, {key}");
        }

        return Task.CompletedTask;
    }

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        foreach (var part in new[] { "values", "aggregates" })
        {
            var (hand, ours) = (medians[part + "-by-hand"], medians[part + "-ours"]);
            Console.WriteLine(FormattableString.Invariant($"  median {part}: by hand {hand["seconds"]:0.00} s, ours {ours["seconds"]:0.00} s = {ours["seconds"] / hand["seconds"]:0.00}x (limit {Limit}x)"));
            if (hand["found"] != ours["found"] || Math.Abs(hand["sum"] - ours["sum"]) > 1e-9 * Math.Abs(hand["sum"])) throw new InvalidOperationException($"the values differ: {hand["found"]} and {hand["sum"]:R} by hand, {ours["found"]} and {ours["sum"]:R} ours");
        }
    }

    private static string Values(string[] keys) => BenchData.Made($"join-by-{string.Join("-", keys)}.parquet");

    private static IReadOnlyDictionary<string, double> ByHand(bool aggregates)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        long found = 0;
        double sum = 0;
        void Run(string sql, Action<DuckDBDataReader>? read = null)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            while (reader.Read()) read?.Invoke((DuckDBDataReader)reader);
        }

        Run($"SET threads=2; SET TimeZone='UTC'; CREATE TABLE rows AS SELECT * FROM '{Flights}'");
        var joins = string.Join(" ", Keys.Select((keys, v) =>
        {
            var key = string.Join(", ", keys);
            var on = string.Join(" AND ", keys.Select(k => $"r.{k} = v{v}.{k}"));
            var view = aggregates
                ? $"(SELECT {key}, date AS at, avg(delay) OVER w AS mean_delay, count(*) OVER w AS flights FROM '{Flights}' WINDOW w AS (PARTITION BY {key} ORDER BY date RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW))"
                : $"(SELECT {key}, hour AS at, greatest(hour, created) AS known, mean_delay, flights FROM '{Values(keys)}')";
            return $"ASOF LEFT JOIN {view} v{v} ON {on} AND r.date {(aggregates ? "> v" + v + ".at" : ">= v" + v + ".known")}";
        }));
        var columns = string.Join(", ", Keys.Select((_, v) => $"v{v}.mean_delay AS m{v}, v{v}.flights AS f{v}"));
        var watch = Stopwatch.StartNew();
        Run($"CREATE TABLE joined AS SELECT r.*, {columns} FROM rows r {joins}");
        var seconds = watch.Elapsed.TotalSeconds;
        Run("SELECT count(m0) + count(m1) + count(m2), sum(m0) + sum(m1) + sum(m2) + sum(f0) + sum(f1) + sum(f2) FROM joined", r => (found, sum) = (Convert.ToInt64(r.GetValue(0)), Convert.ToDouble(r.GetValue(1))));
        return new Dictionary<string, double> { ["seconds"] = seconds, ["found"] = found, ["sum"] = sum };
    }

    private static async Task<IReadOnlyDictionary<string, double>> OursAsync(bool aggregates)
    {
        await using var services = TrainBench.Services(BenchData.Made("join-store"));
        var (engine, join) = (services.GetRequiredService<IDataEngine>(), services.GetRequiredService<IPointInTimeJoin>());
        var rows = await engine.ReadFileAsync(Flights, "flights.parquet", [Column("date", ColumnType.Timestamp), Column("origin", ColumnType.String), Column("destination", ColumnType.String)]);
        var sources = Keys.Select(k => Source(k, aggregates)).ToArray();
        var watch = Stopwatch.StartNew();
        var found = await join.JoinAsync(rows, ((TimestampColumn)rows["date"]).Ticks, sources);
        var seconds = watch.Elapsed.TotalSeconds;
        double[][] values = [.. found.Select(c => c is IntegerColumn i ? Array.ConvertAll(i.Values, v => (double)v) : ((NumberColumn)c).Values)];
        return new Dictionary<string, double>
        {
            ["seconds"] = seconds, ["found"] = found.Where(c => c.Name.StartsWith('m')).Sum(c => c.Missing is null ? rows.Rows : c.Missing.LongCount(m => !m)),
            ["sum"] = found.Select((c, i) => values[i].Where((_, r) => !c.IsMissing(r)).Sum()).Sum(),
        };
    }

    private static HistorySource Source(string[] keys, bool aggregates)
    {
        var name = "by-" + string.Join("-", keys);
        ColumnDefinition Of(string column, ColumnType type) => new() { Name = column, Type = type };
        var dataset = new DatasetDefinition
        {
            Name = name, File = $"datasets/{name}.yaml", ContractVersion = "bench", Checks = [], Partition = new PartitionScheme(aggregates ? "date" : "hour", PartitionGrain.Day),
            Columns = aggregates
                ? [Of("date", ColumnType.Timestamp), Of("delay", ColumnType.Integer), Of("origin", ColumnType.String), Of("destination", ColumnType.String)]
                : [.. keys.Select(k => Of(k, ColumnType.String)), Of("hour", ColumnType.Timestamp), Of("created", ColumnType.Timestamp), Of("mean_delay", ColumnType.Number), Of("flights", ColumnType.Number)],
        };
        var view = new ViewDefinition
        {
            Name = name, File = $"features/{name}.yaml", Dataset = name, Keys = keys, Time = aggregates ? "date" : "hour", Created = aggregates ? null : "created",
            Sql = aggregates ? null : new ExpressionText(string.Format(System.Globalization.CultureInfo.InvariantCulture, Hourly, string.Join(", ", keys))),
            Features = aggregates
                ? [
                    new ViewFeature { Name = "mean_delay", Type = ColumnType.Number, Aggregate = AggregateFunction.Mean, Column = "delay", Over = Day },
                    new ViewFeature { Name = "flights", Type = ColumnType.Integer, Aggregate = AggregateFunction.Count, Over = Day },
                ]
                : [new ViewFeature { Name = "mean_delay", Type = ColumnType.Number }, new ViewFeature { Name = "flights", Type = ColumnType.Number }],
        };
        LookupKey[] on = [.. keys.Select(k => new LookupKey(k, k))];
        return new HistorySource
        {
            Name = name, Dataset = dataset, Paths = [aggregates ? Flights : Values(keys)], View = view, Keys = on, Strict = aggregates,
            Columns = [.. view.Features.Select(f => ($"{f.Name}_{name}", f.Type, new LookupDefinition { Kind = LookupKind.View, Source = name, Column = f.Name, Type = f.Type, Keys = on, Dataset = "flights" }))],
        };
    }

    // (t - over, t] is what DuckDB's range from a day less a microsecond on is.
    private static TimeSpan Day => TimeSpan.FromDays(1) + TimeSpan.FromTicks(10);

    private static RawColumn Column(string name, ColumnType type) => new(name, type, Required: false);

    private static void Make(string path, string query)
    {
        if (File.Exists(path)) return;
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SET TimeZone='UTC'; COPY ({query}) TO '{path}.part' (FORMAT parquet, COMPRESSION zstd)";
        command.ExecuteNonQuery();
        File.Move(path + ".part", path);
    }
}
