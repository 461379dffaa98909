using System.Diagnostics;
using DuckDB.NET.Data;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Drift.Samples;
using Serverless.DuckDb;

namespace Serverless.Bench.Drift;

/// <summary>
/// A drift report of 1,000 columns of 100,000 numbers, from a Parquet file against a stored reference whose columns were sorted once: every column by <c>auto</c>, with missing values, chance and
/// upstream changes. Peers: reading the same columns of both files and sorting those of the current one, and of the current file alone; by the same reader, on two threads.
/// </summary>
internal sealed class DriftReportBench : IBench
{
    private const int Columns = 1000;
    private const int Rows = 100_000;
    private const double Limit = 1.5;
    private const double LimitMegabytes = 2000;

    public string Name => "drift";

    public string Description => "drift report of 1,000 columns x 100,000 rows against a stored reference, against reading and sorting";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["read-sort-current"] = () => Task.FromResult(ReadAndSort(Current)),
        ["read-sort-both"] = () => Task.FromResult(ReadAndSort(Current, Reference)),
        ["serverless"] = () => Task.FromResult(Compare()),
    };

    private static string Current => BenchData.Made("drift-current.parquet");

    private static string Reference => BenchData.Made("drift-reference.parquet");

    public Task PrepareAsync()
    {
        if (File.Exists(Reference)) return Task.CompletedTask;
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        var names = Enumerable.Range(0, Columns).Select(i => $"c{i}").ToArray();

        // 200,000 different values in a skewed distribution, another one for each column.
        var made = string.Join(", ", names.Select((n, i) => $"round(random() * random() * {1000 + i}, 3) AS {n}"));
        Execute(connection, "SET threads=2; SELECT setseed(0.42)");
        foreach (var path in new[] { Current, Reference })
        {
            Execute(connection, $"CREATE OR REPLACE TABLE made AS SELECT {made} FROM range({Rows})");
            var select = path == Current ? "SELECT * FROM made"
                : $"SELECT {string.Join(", ", names.Select(n => $"unnest({n}) AS {n}"))} FROM (SELECT {string.Join(", ", names.Select(n => $"list_sort(list({n})) AS {n}"))} FROM made)";
            Execute(connection, $"COPY ({select}) TO '{path}.part' (FORMAT parquet, COMPRESSION zstd)");
            File.Move(path + ".part", path, overwrite: true);
        }

        return Task.CompletedTask;
    }

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var ours = medians["serverless"];
        foreach (var peer in new[] { "read-sort-current", "read-sort-both" })
        {
            Console.WriteLine($"  {peer} {medians[peer]["seconds"]:0.00} s, report {ours["seconds"]:0.00} s = {ours["seconds"] / medians[peer]["seconds"]:0.00}x (limit {Limit}x)");
        }

        Console.WriteLine($"  peak {ours["peakMB"]:0} MB (limit {LimitMegabytes:0} MB); {ours["columns"]:N0} columns, {ours["drifted"]:N0} drifted");
    }

    private static IReadOnlyDictionary<string, double> Compare()
    {
        using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddChecks().AddDrift().AddDuckDb().BuildServiceProvider();
        var watch = Stopwatch.StartNew();
        using var reference = services.GetRequiredService<IDriftFiles>().Open(Reference, "reference.parquet");
        using var current = services.GetRequiredService<IDriftFiles>().Open(Current, "current.parquet");
        var report = services.GetRequiredService<IDriftDetector>().Compare(reference, current, new DriftSettings());
        return new Dictionary<string, double> { ["seconds"] = watch.Elapsed.TotalSeconds, ["columns"] = report.Columns.Count, ["drifted"] = report.Columns.Count(c => c.Drifted) };
    }

    private static IReadOnlyDictionary<string, double> ReadAndSort(params string[] paths)
    {
        using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddChecks().AddDrift().AddDuckDb().BuildServiceProvider();
        var watch = Stopwatch.StartNew();
        long values = 0;
        foreach (var path in paths)
        {
            using var file = services.GetRequiredService<IDriftFiles>().Open(path, Path.GetFileName(path));
            Parallel.ForEach(file.Columns.Chunk(32), new ParallelOptions { MaxDegreeOfParallelism = 2 }, some =>
            {
                foreach (var column in file.Read([.. some.Select(c => c.Name)], CancellationToken.None).Columns)
                {
                    var numbers = ((NumberColumn)column).Values;
                    Array.Sort(numbers);
                    Interlocked.Add(ref values, numbers.Length);
                }
            });
        }

        return new Dictionary<string, double> { ["seconds"] = watch.Elapsed.TotalSeconds, ["values"] = values };
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
