using System.Globalization;

namespace Serverless.Bench.Serving;

/// <summary>Resident memory of the server over a million predictions, looked at after every 100,000.</summary>
internal sealed class MemoryBench : IBench
{
    private const long Requests = 1_000_000;
    private const long Step = 100_000;

    public string Name => "memory";

    public string Description => "memory of the server over 1,000,000 predictions";

    public int Rounds => 1;

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts =>
        new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> { ["serverless"] = MeasureAsync };

    public Task PrepareAsync() => Servers.PrepareAsync();

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var m = medians["serverless"];
        Console.WriteLine("MB after each 100,000: " + string.Join(" ", m.Where(f => f.Key.StartsWith("after ", StringComparison.Ordinal)).Select(f => f.Value.ToString("0", CultureInfo.InvariantCulture))));
        Console.WriteLine(FormattableString.Invariant($"after {m["requests"]:0} requests {m["endMB"]:0} MB, most seen {m["mostMB"]:0} MB; {m["bytesPerRequest"]:0} bytes allocated for each of them"));
    }

    private static async Task<IReadOnlyDictionary<string, double>> MeasureAsync()
    {
        var collector = BenchData.Made("gc.txt");
        using var server = Servers.Serverless(5721, watched: collector);
        await server.FirstAnswerAsync();
        var figures = new Dictionary<string, double>();
        long requests = 0, next = Step;
        double most = 0;
        while (requests < Requests)
        {
            requests += (await Load.RunAsync(server.Address, 1)).Requests;
            most = Math.Max(most, server.MegabytesNow);
            for (; requests >= next && next <= Requests; next += Step) figures[$"after {next / 1000}k"] = server.MegabytesNow;
        }

        await Task.Delay(TimeSpan.FromSeconds(1)); // the hook writes twice a second
        var allocated = double.Parse((await File.ReadAllTextAsync(collector)).Split(' ')[0], CultureInfo.InvariantCulture);
        (figures["requests"], figures["mostMB"], figures["endMB"], figures["bytesPerRequest"]) = (requests, most, server.MegabytesNow, allocated / requests);
        return figures;
    }
}
