using System.Diagnostics;
using DuckDB.NET.Data;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb;
using Serverless.Partitions;

namespace Serverless.Bench.Profiles;

/// <summary>
/// Profile and ten checks over 3,000,000 flights. Us: the engine over one Parquet file. Peers: DuckDB's SUMMARIZE of the same file plus the same ten checks in SQL
/// written by hand, and pandas with the data in memory already (from memory to figures; reading is not counted).
/// </summary>
internal sealed class ProfileBench : IBench
{
    private const double LimitOfSql = 1.3;
    private const double LimitOfPandas = 0.5;

    public string Name => "profile";

    public string Description => "profile and 10 checks over 3,000,000 flights, against DuckDB's SUMMARIZE with SQL by hand, and pandas";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["duckdb-sql"] = SqlAsync,
        ["pandas"] = PandasAsync,
        ["serverless"] = ProfileAsync,
    };

    private static string Csv => BenchData.Made("flights-3m.csv");

    public Task PrepareAsync()
    {
        BenchData.MakeCsv(Csv, "SELECT * FROM flights"); // Debian's pandas reads no Parquet.
        return Task.CompletedTask;
    }

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var (sql, pandas, ours) = (medians["duckdb-sql"]["seconds"], medians["pandas"]["seconds"], medians["serverless"]["seconds"]);
        Console.WriteLine($"  median: SUMMARIZE + SQL {sql:0.00} s, pandas {pandas:0.00} s, ours {ours:0.00} s = {ours / sql:0.00}x of SQL (limit {LimitOfSql}x), {ours / pandas:0.00}x of pandas (limit {LimitOfPandas}x)");
    }

    private static Task<IReadOnlyDictionary<string, double>> SqlAsync()
    {
        var watch = Stopwatch.StartNew();
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        foreach (var sql in new[]
        {
            "SET threads=2",
            $"SUMMARIZE SELECT * FROM '{BenchData.FlightsParquet}'",
            $"""
            SELECT count(*), count(delay) / count(*), count(origin) / count(*), min(distance), max(delay), avg(delay), stddev_pop(distance),
              count(*) FILTER (WHERE regexp_matches(origin, '^[A-Z][A-Z][A-Z]$')) / count(origin), quantile_cont(delay, 0.95)
            FROM '{BenchData.FlightsParquet}'
            """,
            $"SELECT count(*) / sum(n) FROM (SELECT count(*) AS n FROM '{BenchData.FlightsParquet}' GROUP BY destination)",
        })
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                // Every row is fetched.
            }
        }

        return Seconds(watch);
    }

    private static async Task<IReadOnlyDictionary<string, double>> PandasAsync()
    {
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(BenchData.Root, "peers", "pandas_profile.py"), Csv]) { RedirectStandardOutput = true })!;
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return new Dictionary<string, double> { ["seconds"] = double.Parse(output, System.Globalization.CultureInfo.InvariantCulture) };
    }

    private static async Task<IReadOnlyDictionary<string, double>> ProfileAsync()
    {
        var watch = Stopwatch.StartNew();
        await using var services = new ServiceCollection().AddPartitions().AddDuckDb().BuildServiceProvider();
        var inspection = await services.GetRequiredService<IDataEngine>().InspectAsync([BenchData.FlightsParquet], Flights);
        if (inspection.Checks.Count != 10 || inspection.Checks.Any(c => c.Outcome == Outcome.Errored)) throw new InvalidOperationException(string.Join("; ", inspection.Checks));
        return await Seconds(watch);
    }

    private static Task<IReadOnlyDictionary<string, double>> Seconds(Stopwatch watch) =>
        Task.FromResult<IReadOnlyDictionary<string, double>>(new Dictionary<string, double> { ["seconds"] = watch.Elapsed.TotalSeconds });

    private static DatasetDefinition Flights { get; } = new()
    {
        Name = "flights", File = "datasets/flights.yaml", ContractVersion = "bench", Partition = new PartitionScheme("date", PartitionGrain.Day),
        Columns =
        [
            new() { Name = "date", Type = ColumnType.Timestamp }, new() { Name = "delay", Type = ColumnType.Integer }, new() { Name = "distance", Type = ColumnType.Integer },
            new() { Name = "origin", Type = ColumnType.String }, new() { Name = "destination", Type = ColumnType.String },
        ],
        Checks =
        [
            Check("size", null, ("min", "1000")), Check("completeness", "delay", ("min", "0.95")), Check("completeness", "origin", ("min", "1")),
            Check("min", "distance", ("min", "0")), Check("max", "delay", ("max", "2000")), Check("mean", "delay", ("max", "60")), Check("stddev", "distance", ("max", "2000")),
            Check("pattern", "origin", ("pattern", "^[A-Z][A-Z][A-Z]$"), ("min", "1")), Check("quantile", "delay", ("probability", "0.95"), ("max", "120")),
            Check("distinctness", "destination", ("max", "0.01")),
        ],
    };

    private static CheckDefinition Check(string name, string? column, params (string Key, string Value)[] parameters) => new()
    {
        Check = name, Column = column, Parameters = parameters.ToDictionary(p => p.Key, p => new Parameter([p.Value], false, 1, 1)),
    };
}
