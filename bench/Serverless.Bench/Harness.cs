using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Serverless.Bench;

/// <summary>
/// Runs the parts of a bench in turn, several rounds, each part in a fresh process; prints every round and hands the medians to the bench. Peak memory is the child's
/// own greatest resident set.
/// </summary>
internal static class Harness
{
    public static async Task RunAsync(IBench bench)
    {
        Console.WriteLine($"# {bench.Name}: {bench.Description}");
        await bench.PrepareAsync();
        var measured = bench.Parts.Keys.ToDictionary(p => p, _ => new List<Dictionary<string, double>>());
        for (var round = 0; round < bench.Rounds; round++)
        {
            foreach (var part in bench.Parts.Keys)
            {
                var figures = await ChildAsync(bench.Name, part);
                measured[part].Add(figures);
                Console.WriteLine($"  round {round + 1} {part,-14} " + string.Join("  ", figures.Select(f => $"{f.Key} {f.Value.ToString("0.###", CultureInfo.InvariantCulture)}")));
            }
        }

        bench.Report(measured.ToDictionary(m => m.Key, m => Medians(m.Value)));
    }

    public static async Task RunPartAsync(IBench bench, string part)
    {
        var figures = new Dictionary<string, double>(await bench.Parts[part]());
        using var self = Process.GetCurrentProcess();
        figures["peakMB"] = self.PeakWorkingSet64 / 1e6;
        figures["cpuSeconds"] = self.TotalProcessorTime.TotalSeconds;
        Console.WriteLine(JsonSerializer.Serialize(figures));
    }

    private static IReadOnlyDictionary<string, double> Medians(List<Dictionary<string, double>> rounds) =>
        rounds[0].Keys.ToDictionary(k => k, k => rounds.Select(r => r[k]).Order().ElementAt(rounds.Count / 2));

    private static async Task<Dictionary<string, double>> ChildAsync(string bench, string part)
    {
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Self(), "--part", bench, part]) { RedirectStandardOutput = true })!;
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return child.ExitCode == 0 ? JsonSerializer.Deserialize<Dictionary<string, double>>(output.Trim().Split('\n')[^1])!
            : throw new InvalidOperationException($"{bench}/{part} failed: {output}");
    }

    // Started as `dotnet Serverless.Bench.dll`, the process is dotnet and needs the assembly's path.
    private static string[] Self() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Harness).Assembly.Location] : [];
}
