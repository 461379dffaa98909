namespace Serverless.Bench.Serving;

/// <summary>Resident memory of the server over a million predictions.</summary>
internal sealed class MemoryBench : IBench
{
    private const long Requests = 1_000_000;

    public string Name => "memory";

    public string Description => "memory of the server over 1,000,000 predictions";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts =>
        new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> { ["serverless"] = MeasureAsync };

    public Task PrepareAsync() => Servers.PrepareAsync();

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var m = medians["serverless"];
        Console.WriteLine(FormattableString.Invariant($"after a tenth {m["tenthMB"]:0} MB, after {m["requests"]:0} requests {m["endMB"]:0} MB, most seen {m["mostMB"]:0} MB"));
    }

    private static async Task<IReadOnlyDictionary<string, double>> MeasureAsync()
    {
        using var server = Servers.Serverless(5721);
        await server.FirstAnswerAsync();
        long requests = 0;
        double tenth = 0, most = 0;
        while (requests < Requests)
        {
            requests += (await Load.RunAsync(server.Address, 2)).Requests;
            most = Math.Max(most, server.MegabytesNow);
            if (tenth == 0 && requests >= Requests / 10) tenth = server.MegabytesNow;
        }

        return new Dictionary<string, double> { ["requests"] = requests, ["tenthMB"] = tenth, ["mostMB"] = most, ["endMB"] = server.MegabytesNow };
    }
}
