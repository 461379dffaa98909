using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using DuckDB.NET.Data;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Drift.Samples;

namespace Serverless.Bench.Drift;

/// <summary>
/// KS (with its p-value) and Wasserstein of 1,500,000 against 1,500,000 values that are in memory: the delays of the flights' first half against the second, as the whole numbers that they are, and
/// made different from each other by a fraction of a minute. Peers: sorting both and merging once, and SciPy.
/// </summary>
internal sealed class DistanceBench : IBench
{
    private const double Limit = 1.5;
    private const double LimitScipy = 6;
    private const int Repeats = 5;

    public string Name => "distances";

    public string Description => "KS and Wasserstein of 1,500,000 against 1,500,000 values, against Array.Sort and a merge, and SciPy";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["sort-merge"] = () => Task.FromResult(Timed(SortAndMerge, Load("fine-a"), Load("fine-b"))),
        ["serverless"] = () => Task.FromResult(Timed((a, b) => Ours(new NumberColumn("x", a, null), new NumberColumn("x", b, null)), Load("fine-a"), Load("fine-b"))),
        ["scipy"] = () => ScipyAsync("fine-a", "fine-b"),
        ["sort-merge-whole"] = () => Task.FromResult(Timed(SortAndMerge, Load("whole-a"), Load("whole-b"))),
        ["serverless-whole"] = WholeAsync,
        ["scipy-whole"] = () => ScipyAsync("whole-a", "whole-b"),
    };

    public Task PrepareAsync()
    {
        if (File.Exists(Path("whole-b"))) return Task.CompletedTask;
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT delay FROM '{BenchData.FlightsParquet}'";
        var delays = new List<double>(3_000_000);
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read()) delays.Add(reader.GetInt64(0));
        }

        var random = new Random(42);
        Save("fine-a", [.. delays.Take(1_500_000).Select(d => d + random.NextDouble())]);
        Save("fine-b", [.. delays.Skip(1_500_000).Select(d => d + random.NextDouble())]);
        Save("whole-a", [.. delays.Take(1_500_000)]);
        Save("whole-b", [.. delays.Skip(1_500_000)]);
        return Task.CompletedTask;
    }

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        foreach (var kind in new[] { "", "-whole" })
        {
            var (peer, ours, scipy) = (medians["sort-merge" + kind], medians["serverless" + kind], medians["scipy" + kind]);
            Console.WriteLine($"  {(kind == "" ? "fractions" : "whole numbers")}: sort and merge {peer["seconds"]:0.0000} s, ours {ours["seconds"]:0.0000} s = {ours["seconds"] / peer["seconds"]:0.00}x "
                + $"(limit {Limit}x), SciPy {scipy["seconds"]:0.00} s = {scipy["seconds"] / ours["seconds"]:0.0}x ours (at least {LimitScipy}x); "
                + $"KS {ours["ks"]:R} and {scipy["ks"]:R}, Wasserstein {ours["wasserstein"]:R} and {scipy["wasserstein"]:R}");
        }
    }

    private static Task<IReadOnlyDictionary<string, double>> WholeAsync()
    {
        long[] a = [.. Load("whole-a").Select(v => (long)v)], b = [.. Load("whole-b").Select(v => (long)v)];
        var (warm, warmer) = (a[..20_000], b[..20_000]);
        for (var i = 0; i < 30; i++) Ours(new IntegerColumn("x", warm, null), new IntegerColumn("x", warmer, null));
        return Task.FromResult(Timed(() => Ours(new IntegerColumn("x", a, null), new IntegerColumn("x", b, null))));
    }

    private static IReadOnlyDictionary<string, double> Timed(Func<double[], double[], (double Ks, double Wasserstein)> work, double[] a, double[] b)
    {
        var (warm, warmer) = (a[..20_000], b[..20_000]);
        for (var i = 0; i < 30; i++) work(warm, warmer);
        return Timed(() => work(a, b));
    }

    private static IReadOnlyDictionary<string, double> Timed(Func<(double Ks, double Wasserstein)> work)
    {
        var seconds = new List<double>();
        (double Ks, double Wasserstein) found = default;
        for (var i = 0; i < Repeats; i++)
        {
            var watch = Stopwatch.StartNew();
            found = work();
            seconds.Add(watch.Elapsed.TotalSeconds);
        }

        return new Dictionary<string, double> { ["seconds"] = seconds.Order().ElementAt(Repeats / 2), ["ks"] = found.Ks, ["wasserstein"] = found.Wasserstein };
    }

    private static readonly IDriftCatalogue Catalogue = new ServiceCollection().AddDrift().BuildServiceProvider().GetRequiredService<IDriftCatalogue>();

    private static (double Ks, double Wasserstein) Ours(TableColumn reference, TableColumn current)
    {
        var (a, b) = (SampleBuilder.Of(reference), SampleBuilder.Of(current));
        return (Catalogue.Column("ks")!.Compare(a, b, PValueMode.Auto).Statistic, Catalogue.Column("wasserstein")!.Compare(a, b, PValueMode.Auto).Statistic);
    }

    /// <summary>What anybody would write first: copies sorted by Array.Sort, one merge for both figures.</summary>
    private static (double Ks, double Wasserstein) SortAndMerge(double[] reference, double[] current)
    {
        var (a, b) = ((double[])reference.Clone(), (double[])current.Clone());
        Array.Sort(a);
        Array.Sort(b);
        double ks = 0, distance = 0, last = Math.Min(a[0], b[0]);
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
        {
            var value = j == b.Length || (i < a.Length && a[i] <= b[j]) ? a[i] : b[j];
            var difference = Math.Abs(((double)i / a.Length) - ((double)j / b.Length));
            distance += difference * (value - last);
            while (i < a.Length && a[i] == value) i++;
            while (j < b.Length && b[j] == value) j++;
            ks = Math.Max(ks, Math.Abs(((double)i / a.Length) - ((double)j / b.Length)));
            last = value;
        }

        return (ks, distance);
    }

    private static async Task<IReadOnlyDictionary<string, double>> ScipyAsync(string a, string b)
    {
        var script = System.IO.Path.Combine(BenchData.Root, "peers", "drift_scipy.py");
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [script, Path(a), Path(b)]) { RedirectStandardOutput = true })!;
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return JsonSerializer.Deserialize<Dictionary<string, double>>(output)!;
    }

    private static string Path(string name) => BenchData.Made($"drift-{name}.f64");

    private static void Save(string name, double[] values)
    {
        File.WriteAllBytes(Path(name) + ".part", MemoryMarshal.AsBytes<double>(values).ToArray());
        File.Move(Path(name) + ".part", Path(name), overwrite: true);
    }

    private static double[] Load(string name) => MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(Path(name))).ToArray();
}
