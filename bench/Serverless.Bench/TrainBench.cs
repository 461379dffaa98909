using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.DuckDb;
using Serverless.LightGbm;
using Serverless.Local;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Bench;

/// <summary>
/// January 2001 of the real flights, 508,000 rows, 100 trees of 31 leaves. Us: from daily partitions of a local store to a registered champion, judged on a holdout of
/// the first week of February. Peer: LightGBM's C API on a matrix of the same rows that is in memory already, from dataset to model text.
/// </summary>
internal sealed class TrainBench : IBench
{
    private const double Limit = 2.0;
    private const int Iterations = 100;

    public string Name => "train";

    public string Description => "508,000 flights from partitions to a registered version, against LightGBM's C API on a ready matrix";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["lightgbm-c-api"] = FitAsync,
        ["serverless"] = TrainAsync,
    };

    internal static string Source => BenchData.Made("flights-january.csv");

    private static string Store => BenchData.Made("train-store");

    public async Task PrepareAsync()
    {
        if (Directory.Exists(Store)) Directory.Delete(Store, recursive: true);
        BenchData.MakeCsv(Source, "SELECT * FROM flights WHERE date < '2001-02-08'");

        await using var services = Services();
        await using var file = File.OpenRead(Source);
        var run = await services.GetRequiredService<IDropInbox>().PutAsync("flights", Path.GetFileName(Source), file, "bench");
        await services.GetRequiredService<IRunEngine>().DriveAsync(run);
    }

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var (peer, ours) = (medians["lightgbm-c-api"], medians["serverless"]);
        Console.WriteLine($"  median: LightGBM {peer["seconds"]:0.00} s on {peer["rows"]:N0} rows, training {ours["seconds"]:0.00} s on {ours["rows"]:N0} rows = "
            + $"{ours["seconds"] / peer["seconds"]:0.00}x (limit {Limit}x); read {ours["read"]:0.00}, features {ours["features"]:0.00}, fit {ours["fit"]:0.00}, "
            + $"evaluate {ours["evaluate"]:0.00}, register {ours["register"]:0.00}; AUC {ours["auc"]:0.0000}; peak {ours["peakMB"]:0} MB");
    }

    private static async Task<IReadOnlyDictionary<string, double>> FitAsync()
    {
        await using var services = Services();
        var set = await ReadyMatrixAsync(services);
        var watch = Stopwatch.StartNew();
        var length = LightGbmPeer.Fit(set, Iterations);
        return new Dictionary<string, double> { ["seconds"] = watch.Elapsed.TotalSeconds, ["rows"] = set.Features.Rows, ["modelBytes"] = length };
    }

    private static async Task<IReadOnlyDictionary<string, double>> TrainAsync()
    {
        var watch = Stopwatch.StartNew();
        await using var services = Services();
        var engine = services.GetRequiredService<IRunEngine>();
        var record = await engine.DriveAsync(await engine.StartAsync(new TrainState { Model = "flight-delay", Reason = "bench", By = "bench" }));
        var seconds = watch.Elapsed.TotalSeconds;
        var report = record.Data.Deserialize<TrainState>(ServerlessJson.Options)!.Report ?? throw new InvalidOperationException(record.Reason);
        if (report.Version is null) throw new InvalidOperationException(record.Reason);
        return new Dictionary<string, double>(report.Timings) { ["seconds"] = seconds, ["rows"] = report.TrainRows, ["auc"] = report.Metrics["auc"] };
    }

    private static async Task<TrainingSet> ReadyMatrixAsync(ServiceProvider services)
    {
        var (model, dataset, table) = await JanuaryAsync(services);
        return LightGbmPeer.Matrix(model, dataset, table);
    }

    /// <summary>The rows of January in memory.</summary>
    internal static async Task<(ModelDefinition Model, DatasetDefinition Dataset, Table Table)> JanuaryAsync(ServiceProvider services)
    {
        var partitions = (await services.GetRequiredService<IDatasetHistory>().PartitionsAsync("flights")).Where(p => p.Key.StartsWith("2001-01", StringComparison.Ordinal)).ToArray();
        var workspace = services.GetRequiredService<Workspace>();
        var table = await services.GetRequiredService<IPartitionReader>().ReadAsync("flights", partitions, workspace.Dataset("flights").Columns);
        return (workspace.Model("flight-delay"), workspace.Dataset("flights"), table);
    }

    internal static ServiceProvider Services() => Services(Store);

    internal static ServiceProvider Services(string store) => new ServiceCollection().AddServerless(Flights(store)).AddLocalStorage(store).AddDuckDb().AddLightGbm().BuildServiceProvider();

    private static Workspace Flights(string store) => new()
    {
        Name = "bench", Root = store, Storage = new StorageSettings { Folder = store }, ApiKeys = [], Hash = "",
        Datasets = new Dictionary<string, DatasetDefinition>
        {
            ["flights"] = new()
            {
                Name = "flights", File = "datasets/flights.yaml", ContractVersion = "bench", Partition = new PartitionScheme("date", PartitionGrain.Day),
                Columns =
                [
                    new() { Name = "date", Type = ColumnType.Timestamp, Required = true },
                    new() { Name = "delay", Type = ColumnType.Integer, Min = -120, Max = 2000 },
                    new() { Name = "distance", Type = ColumnType.Integer, Min = 1 },
                    new() { Name = "origin", Type = ColumnType.String, Required = true },
                    new() { Name = "destination", Type = ColumnType.String, Required = true },
                ],
            },
        },
        Models = new Dictionary<string, ModelDefinition>
        {
            ["flight-delay"] = new()
            {
                Name = "flight-delay", File = "models/flight-delay.yaml", Task = TaskKind.Binary, Dataset = "flights", Label = new ExpressionText("delay > 15"),
                Features =
                [
                    new() { Name = "hour", From = new ExpressionText("date.Hour") },
                    new() { Name = "weekday", From = new ExpressionText("int(date.DayOfWeek)") },
                    new() { Name = "distance", From = new ExpressionText("distance") },
                    new() { Name = "origin", From = new ExpressionText("origin") },
                    new() { Name = "destination", From = new ExpressionText("destination") },
                ],
                Trainer = new TrainerDefinition("lightgbm", new Dictionary<string, Parameter> { ["iterations"] = new(["100"], false, 1, 1) }, 42, 1, 1),
                Holdout = TimeSpan.FromDays(7),
                Gate = new GateDefinition { Metric = "auc", Min = 0.55, Tolerance = 1 },
            },
        },
    };
}
