using System.Diagnostics;
using System.Text.Json;
using DuckDB.NET.Data;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.DuckDb;
using Serverless.Local;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Workspaces;

namespace Serverless.Bench;

/// <summary>
/// 3,000,000 real flights as six monthly CSV files. Us: into daily partitions of a local store, with contract, quarantine, checks, profiles, manifests and history,
/// every object flushed to the disk. Peer: DuckDB's COPY of the same files into one zstd Parquet file.
/// </summary>
internal sealed class IngestBench : IBench
{
    private const double Limit = 2.5;
    private const double LimitMegabytes = 1000;

    public string Name => "ingest";

    public string Description => "3,000,000 flights in 6 CSV files, against DuckDB's plain COPY to zstd Parquet";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["duckdb-copy"] = CopyAsync,
        ["serverless"] = IngestAsync,
    };

    private static IEnumerable<string> Files => Enumerable.Range(1, 6).Select(m => BenchData.Made($"flights-2001-0{m}.csv"));

    private static string Stores => BenchData.Made("stores");

    public async Task PrepareAsync()
    {
        if (Directory.Exists(Stores))
        {
            Directory.Delete(Stores, recursive: true);
            await Task.Delay(TimeSpan.FromSeconds(10));
        }

        // Six flights carry the first of July; they belong to the last file, so that all 3,000,000 are there.
        foreach (var (month, file) in Files.Index()) BenchData.MakeCsv(file, $"SELECT * FROM flights WHERE least(month(date), 6) = {month + 1}");
    }

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var (peer, ours) = (medians["duckdb-copy"], medians["serverless"]);
        var ratio = ours["seconds"] / peer["seconds"];
        Console.WriteLine($"  median: DuckDB COPY {peer["seconds"]:0.00} s, ingest {ours["seconds"]:0.00} s = {ratio:0.00}x (limit {Limit}x); "
            + $"peak {ours["peakMB"]:0} MB (limit {LimitMegabytes:0} MB); {ours["rows"]:N0} rows, {ours["partitions"]:N0} partitions, {ours["quarantined"]:N0} quarantined");
    }

    private static Task<IReadOnlyDictionary<string, double>> CopyAsync()
    {
        var target = BenchData.Made("copy.parquet");
        var watch = Stopwatch.StartNew();
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SET threads=2; COPY (FROM read_csv([{string.Join(", ", Files.Select(f => $"'{f}'"))}])) TO '{target}' (FORMAT parquet, COMPRESSION zstd)";
        command.ExecuteNonQuery();
        return Task.FromResult<IReadOnlyDictionary<string, double>>(new Dictionary<string, double> { ["seconds"] = watch.Elapsed.TotalSeconds });
    }

    private static async Task<IReadOnlyDictionary<string, double>> IngestAsync()
    {
        // A new folder for each round, removed later: a file system that has just freed thousands of inodes is busy with them, which is no part of an ingest.
        var store = Path.Combine(Stores, Guid.NewGuid().ToString("N"));
        foreach (var file in Files)
        {
            Directory.CreateDirectory(Path.Combine(store, "objects", "landing", "flights"));
            File.Copy(file, Path.Combine(store, "objects", "landing", "flights", Path.GetFileName(file)));
        }

        var watch = Stopwatch.StartNew();
        await using var services = new ServiceCollection().AddServerless(Flights(store)).AddLocalStorage(store).AddDuckDb().BuildServiceProvider();
        var (inbox, runs) = (services.GetRequiredService<IDropInbox>(), services.GetRequiredService<IRunEngine>());
        double rows = 0, partitions = 0, quarantined = 0;
        var gate = new Lock();

        // Two drops at a time, as `ingest` and the two workers of `up` do on two cores.
        await Parallel.ForEachAsync(Files, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (file, _) =>
        {
            var record = await runs.DriveAsync(await inbox.AcceptAsync("flights", $"landing/flights/{Path.GetFileName(file)}", "bench"));
            var report = record.Data.Deserialize<IngestState>(ServerlessJson.Options)!.Report ?? throw new InvalidOperationException(record.Reason);
            if (report.Status != DropStatus.Stored) throw new InvalidOperationException(report.Reason);
            lock (gate)
            {
                rows += report.Partitions.Sum(p => p.Rows);
                partitions += report.Partitions.Count;
                quarantined += report.Quarantined;
            }
        });

        return new Dictionary<string, double> { ["seconds"] = watch.Elapsed.TotalSeconds, ["rows"] = rows, ["partitions"] = partitions, ["quarantined"] = quarantined };
    }

    /// <summary>The dataset as the documentation of the workspace shows it.</summary>
    private static Workspace Flights(string store) => new()
    {
        Name = "bench", Root = store, Storage = new StorageSettings { Folder = store }, ApiKeys = [], Hash = "", Models = new Dictionary<string, ModelDefinition>(),
        Datasets = new Dictionary<string, DatasetDefinition>
        {
            ["flights"] = new()
            {
                Name = "flights", File = "datasets/flights.yaml", ContractVersion = "bench",
                Partition = new PartitionScheme("date", PartitionGrain.Day),
                Columns =
                [
                    new() { Name = "date", Type = ColumnType.Timestamp, Required = true },
                    new() { Name = "delay", Type = ColumnType.Integer, Min = -120, Max = 2000 },
                    new() { Name = "distance", Type = ColumnType.Integer, Min = 1 },
                    new() { Name = "origin", Type = ColumnType.String, Required = true, Pattern = "^[A-Z]{3}$" },
                    new() { Name = "destination", Type = ColumnType.String, Required = true, Pattern = "^[A-Z]{3}$" },
                ],
                Checks =
                [
                    new() { Check = "size", Parameters = new Dictionary<string, Parameter> { ["min"] = new(["1000"], false, 1, 1) } },
                    new() { Check = "completeness", Column = "delay", Severity = Severity.Warning, Parameters = new Dictionary<string, Parameter> { ["min"] = new(["0.95"], false, 1, 1) } },
                ],
            },
        },
    };
}
