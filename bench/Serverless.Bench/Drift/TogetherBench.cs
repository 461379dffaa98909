using System.Diagnostics;
using Serverless.Datasets;
using Serverless.Drift;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Bench.Drift;

/// <summary>1,000 columns of 100,000 numbers compared all together, by MMD and by the domain classifier, from memory: what bounds their cost is the rows that they draw. No peer.</summary>
internal sealed class TogetherBench : IBench
{
    private const int Columns = 1000;
    private const int Rows = 100_000;

    public string Name => "together";

    public string Description => "MMD and domain classifier over 1,000 columns x 100,000 rows";

    public int Rounds => 3;

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["mmd"] = () => Task.FromResult(Compare("mmd")),
        ["classifier"] = () => Task.FromResult(Compare("classifier")),
    };

    public Task PrepareAsync() => Task.CompletedTask;

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        foreach (var (part, figures) in medians) Console.WriteLine($"  {part}: {figures["seconds"]:0.00} s, statistic {figures["statistic"]:G4}, p {figures["p"]:G4}");
    }

    private static IReadOnlyDictionary<string, double> Compare(string method)
    {
        using var services = new ServiceCollection().AddDrift().BuildServiceProvider();
        var (reference, current) = (Made(1), Made(2));
        var watch = Stopwatch.StartNew();
        var verdict = services.GetRequiredService<IDriftDetector>().Compare(reference, current, new DriftSettings { Method = method }).Dataset!;
        return new Dictionary<string, double> { ["seconds"] = watch.Elapsed.TotalSeconds, ["statistic"] = verdict.Statistic, ["p"] = verdict.PValue ?? double.NaN };
    }

    private static Table Made(int seed)
    {
        var columns = new TableColumn[Columns];
        Parallel.For(0, Columns, c =>
        {
            var random = new Random((seed * Columns) + c);
            var values = new double[Rows];
            for (var i = 0; i < Rows; i++) values[i] = random.NextDouble() * random.NextDouble() * (1000 + c);
            columns[c] = new NumberColumn($"c{c}", values, null);
        });
        return new Table(Rows, columns);
    }
}
