using System.Diagnostics;
using System.Text.Json;
using DuckDB.NET.Data;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Scoring;
using Serverless.Storage;
using Serverless.Training;

namespace Serverless.Bench;

/// <summary>
/// 1,000,000 real flights scored with 100 trees of 31 leaves. Us: a score run from a Parquet object to <c>predictions.parquet</c> with the inputs, prediction and score of every row. Peers:
/// LightGBM's C API on the features of the same rows that are in memory already, two threads; scikit-learn's histogram boosting of the same size from CSV to CSV, two threads.
/// </summary>
internal sealed class BatchBench : IBench
{
    private const double LimitLightGbm = 1.5;
    private const double LimitScikitLearn = 2;
    private const string Key = "landing/flights/batch.parquet";

    public string Name => "batch";

    public string Description => "1,000,000 rows scored from Parquet to Parquet, against LightGBM's C API from memory and scikit-learn from CSV to CSV";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["lightgbm-c-api"] = PredictAsync,
        ["serverless"] = ScoreAsync,
        ["scikit-learn"] = PeerAsync,
    };

    private static string Store => BenchData.Made("batch-store");

    private static string Rows(string extension) => BenchData.Made("batch-million" + extension);

    public async Task PrepareAsync()
    {
        MakeRows(".parquet", "FORMAT parquet, COMPRESSION zstd");
        MakeRows(".csv", "FORMAT csv");
        MakeRows("-train.csv", "FORMAT csv", "WHERE date < '2001-02-01'", int.MaxValue);
        if (!File.Exists(BenchData.Made("batch-sklearn.pickle"))) await PythonAsync("train", Rows("-train.csv"), BenchData.Made("batch-sklearn.pickle"));
        await using var services = TrainBench.Services(Store);
        if (await services.GetRequiredService<IModelRegistry>().AliasAsync("flight-delay", Alias.Champion) is not null) return;
        var csv = BenchData.Made("flights-january.csv");
        BenchData.MakeCsv(csv, "SELECT * FROM flights WHERE date < '2001-02-08'");
        var engine = services.GetRequiredService<IRunEngine>();
        await using (var file = File.OpenRead(csv)) await engine.DriveAsync(await services.GetRequiredService<IDropInbox>().PutAsync("flights", Path.GetFileName(csv), file, "bench"));
        var trained = await engine.DriveAsync(await engine.StartAsync(new TrainState { Model = "flight-delay", Reason = "bench", By = "bench" }));
        if (trained.Status != RunStatus.Done) throw new InvalidOperationException(trained.Reason);
        await using var rows = File.OpenRead(Rows(".parquet"));
        await services.GetRequiredService<IObjectStore>().PutAsync(Key, rows);
    }

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var (native, ours, python) = (medians["lightgbm-c-api"], medians["serverless"], medians["scikit-learn"]);
        Console.WriteLine($"  median: LightGBM's C API from memory {native["seconds"]:0.00} s, ours Parquet to Parquet {ours["seconds"]:0.00} s = {ours["seconds"] / native["seconds"]:0.00}x (limit {LimitLightGbm}x); "
            + $"scikit-learn CSV to CSV {python["seconds"]:0.00} s = {python["seconds"] / ours["seconds"]:0.0}x ours (at least {LimitScikitLearn}x); peak {ours["peakMB"]:0} MB; greatest difference from LightGBM {ours["difference"]:R}");
    }

    private static async Task<IReadOnlyDictionary<string, double>> PredictAsync()
    {
        var (model, features) = await MatrixAsync();
        LightGbmPeer.Predict(model, features, 50_000);
        var watch = Stopwatch.StartNew();
        LightGbmPeer.Predict(model, features, features.Rows);
        return new Dictionary<string, double> { ["seconds"] = watch.Elapsed.TotalSeconds, ["rows"] = features.Rows };
    }

    private static async Task<IReadOnlyDictionary<string, double>> ScoreAsync()
    {
        await using var services = TrainBench.Services(Store);
        var engine = services.GetRequiredService<IRunEngine>();
        var watch = Stopwatch.StartNew();
        var record = await engine.DriveAsync(await engine.StartAsync(new ScoreState { Model = "flight-delay", Object = Key, By = "bench" }));
        var seconds = watch.Elapsed.TotalSeconds;
        var report = record.Data.Deserialize<ScoreState>(ServerlessJson.Options)!.Report ?? throw new InvalidOperationException(record.Reason);
        if (report.WithoutAnswer > 0) throw new InvalidOperationException("rows without an answer");
        return new Dictionary<string, double> { ["seconds"] = seconds, ["rows"] = report.Rows, ["difference"] = await DifferenceAsync(services, report.Path) };
    }

    // The answers in the file are LightGBM's own.
    private static async Task<double> DifferenceAsync(IServiceProvider services, string path)
    {
        using var local = await services.GetRequiredService<IObjectStore>().MaterialiseAsync(path);
        var stored = (NumberColumn)(await services.GetRequiredService<IDataEngine>().ReadFileAsync(local.Path, "predictions.parquet", [new RawColumn("score", ColumnType.Number, true)]))["score"];
        var (model, features) = await MatrixAsync();
        var native = LightGbmPeer.Predict(model, features, features.Rows);
        return native.Select((p, i) => Math.Abs(p - stored.Values[i])).Max();
    }

    private static async Task<(string Model, FeatureMatrix Features)> MatrixAsync()
    {
        await using var services = TrainBench.Services(Store);
        var registry = services.GetRequiredService<IModelRegistry>();
        var pipeline = (ScoringPipeline)await registry.LoadAsync("flight-delay", (await registry.AliasAsync("flight-delay", Alias.Champion))!.Value);
        var table = await services.GetRequiredService<IDataEngine>().ReadFileAsync(Rows(".parquet"), "rows.parquet", pipeline.Schema.Inputs);
        return (((Scoring.Predictors.LightGbmPredictor)pipeline.Predictor).Text, pipeline.Features.Transform(table, [.. Enumerable.Range(0, table.Rows)]));
    }

    private static async Task<IReadOnlyDictionary<string, double>> PeerAsync()
    {
        var output = await PythonAsync("score", BenchData.Made("batch-sklearn.pickle"), Rows(".csv"), Rows("-scored.csv"));
        return new Dictionary<string, double> { ["seconds"] = double.Parse(output, System.Globalization.CultureInfo.InvariantCulture) };
    }

    private static async Task<string> PythonAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(BenchData.Root, "peers", "batch_sklearn.py"), .. arguments]) { RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = "2";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException("batch_sklearn.py failed; it needs python3-sklearn and python3-pandas");
    }

    private static void MakeRows(string extension, string format, string where = "", int rows = 1_000_000)
    {
        if (File.Exists(Rows(extension))) return;
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY (SELECT * FROM '{BenchData.FlightsParquet}' {where} LIMIT {rows}) TO '{Rows(extension)}.part' ({format})";
        command.ExecuteNonQuery();
        File.Move(Rows(extension) + ".part", Rows(extension));
    }
}
