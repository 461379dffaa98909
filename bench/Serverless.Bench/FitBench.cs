using System.Diagnostics;
using System.Text.Json;
using Serverless.Features;
using Serverless.LightGbm;
using Serverless.Training;

namespace Serverless.Bench;

/// <summary>
/// The two stages of a training that have limits of their own, on the rows of <see cref="TrainBench"/> in memory. Features (hour, weekday, distance, origin, destination), learned from
/// all rows and applied to all, beside pandas; the fit of 100 trees on that matrix, beside LightGBM's C API on the same.
/// </summary>
internal sealed class FitBench : IBench
{
    private const double LimitOfFit = 1.1;
    private const double LimitOfFeatures = 2_000_000;
    private const int Iterations = 100;

    public string Name => "fit";

    public string Description => "features of 508,000 flights beside pandas, and the fit beside LightGBM's C API on the same matrix";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["pandas"] = PandasAsync,
        ["features"] = FeaturesAsync,
        ["lightgbm-c-api"] = () => FitAsync(set => LightGbmPeer.Fit(set, Iterations)),
        ["serverless-fit"] = () => FitAsync(Fit),
    };

    public Task PrepareAsync() => new TrainBench().PrepareAsync();

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var (pandas, features, peer, ours) = (medians["pandas"], medians["features"], medians["lightgbm-c-api"], medians["serverless-fit"]);
        Console.WriteLine($"  median: features {features["rows"] / features["seconds"] / 1e6:0.0} million rows/s the first time, {features["rows"] / features["again"] / 1e6:0.0} after (limit {LimitOfFeatures / 1e6:0.0}), "
            + $"pandas {pandas["rows"] / pandas["seconds"] / 1e6:0.0}; fit {ours["seconds"]:0.00} s, LightGBM {peer["seconds"]:0.00} s = {ours["seconds"] / peer["seconds"]:0.00}x (limit {LimitOfFit}x)");
    }

    private static async Task<IReadOnlyDictionary<string, double>> FeaturesAsync()
    {
        await using var services = TrainBench.Services();
        var (model, dataset, table) = await TrainBench.JanuaryAsync(services);
        int[] rows = [.. Enumerable.Range(0, table.Rows)];
        double Once()
        {
            var watch = Stopwatch.StartNew();
            var plan = FeatureFitting.Fit(model, FeatureCompiler.SchemaOf(dataset), KnownTrainers.LightGbm.Traits, table, rows);
            var matrix = plan.Transform(table, rows);
            return matrix.Rows == table.Rows ? watch.Elapsed.TotalSeconds : double.NaN;
        }

        // A training process does it once, with the runtime's compilation in it; that is the figure with the limit.
        var first = Once();
        return new Dictionary<string, double> { ["seconds"] = first, ["again"] = Enumerable.Range(0, 5).Select(_ => Once()).Order().ElementAt(2), ["rows"] = table.Rows };
    }

    private static async Task<IReadOnlyDictionary<string, double>> FitAsync(Func<TrainingSet, int> fit)
    {
        await using var services = TrainBench.Services();
        var (model, dataset, table) = await TrainBench.JanuaryAsync(services);
        var set = LightGbmPeer.Matrix(model, dataset, table);
        var watch = Stopwatch.StartNew();
        var size = fit(set);
        return new Dictionary<string, double> { ["seconds"] = watch.Elapsed.TotalSeconds, ["rows"] = set.Features.Rows, ["size"] = size };
    }

    private static int Fit(TrainingSet set)
    {
        var hyperparameters = KnownTrainers.LightGbm.Hyperparameters.ToDictionary(h => h.Name, h => h.Default);
        hyperparameters["iterations"] = Iterations;
        return new LightGbmTrainer().Fit(set, hyperparameters, 42, null, default).Outputs;
    }

    private static async Task<IReadOnlyDictionary<string, double>> PandasAsync()
    {
        var script = Path.Combine(BenchData.Root, "peers", "features_pandas.py");
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [script, TrainBench.Source]) { RedirectStandardOutput = true })!;
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return python.ExitCode == 0 ? JsonSerializer.Deserialize<Dictionary<string, double>>(output)! : throw new InvalidOperationException("pandas failed");
    }
}
