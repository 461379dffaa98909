using System.Globalization;

namespace Serverless.Bench.Serving;

/// <summary>
/// Single-row HTTP predictions, 100 trees of 31 leaves, prediction log on; servers on one core, load on the other. All servers are started and warmed first and stay up, idle
/// while others are asked, so that the rounds are truly in turn: what else the machine does meets every server alike.
/// </summary>
internal sealed class ServeBench : IBench
{
    // A .NET server needs most of a minute under load on one core to reach full speed; measured too early, ours had 0.68 of bare Kestrel instead of 0.9.
    private const int WarmUp = 45;
    private const int Turns = 5;
    private const int Seconds = 3;
    private const double ShareOfBare = 0.70;
    private const double TimesFastApi = 25;

    public string Name => "serve";

    public string Description => "single-row HTTP prediction against bare Kestrel and FastAPI + uvicorn + scikit-learn";

    public int Rounds => 1;

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["kestrel"] = () => MeasureAsync(new() { ["bare"] = () => Servers.Bare(5701), ["serverless"] = () => Servers.Serverless(5702) }, WarmUp),
        ["fastapi"] = () => MeasureAsync(new() { ["fastapi"] = () => Servers.FastApi(5703) }, 10),
    };

    public Task PrepareAsync() => Servers.PrepareAsync();

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var kestrel = medians["kestrel"];
        var fastapi = medians["fastapi"]["fastapi/s"];
        Console.WriteLine(FormattableString.Invariant(
            $"serverless {kestrel["serverless/s"]:0}/s, bare Kestrel {kestrel["bare/s"]:0}/s: {kestrel["serverless/bare"]:P0} (at least {ShareOfBare:P0})"));
        Console.WriteLine(FormattableString.Invariant($"FastAPI {fastapi:0}/s: {kestrel["serverless/s"] / fastapi:0.0} times (at least {TimesFastApi:0})"));
    }

    /// <summary>Medians of the turns: requests a second, CPU microseconds a request, megabytes at the end, and the last server's share of the first, turn by turn.</summary>
    private static async Task<IReadOnlyDictionary<string, double>> MeasureAsync(Dictionary<string, Func<Servers>> starts, int warmUp)
    {
        var servers = new Dictionary<string, Servers>();
        try
        {
            foreach (var (name, start) in starts)
            {
                servers[name] = start();
                await servers[name].FirstAnswerAsync();
                await Load.RunAsync(servers[name].Address, warmUp);
            }

            var turns = new List<Dictionary<string, double>>();
            for (var turn = 0; turn < Turns; turn++)
            {
                turns.Add(await TurnAsync(servers));
                await Console.Error.WriteLineAsync($"  turn {turn + 1}  " + string.Join("  ", turns[^1].Select(f => $"{f.Key} {f.Value.ToString("0.##", CultureInfo.InvariantCulture)}")));
            }

            return turns[0].Keys.ToDictionary(k => k, k => turns.Select(t => t[k]).Order().ElementAt(Turns / 2));
        }
        finally
        {
            foreach (var server in servers.Values) server.Dispose();
        }
    }

    private static async Task<Dictionary<string, double>> TurnAsync(Dictionary<string, Servers> servers)
    {
        var figures = new Dictionary<string, double>();
        foreach (var (name, server) in servers)
        {
            var cpu = server.CpuSeconds;
            var (perSecond, requests) = await Load.RunAsync(server.Address, Seconds);
            (figures[$"{name}/s"], figures[$"{name} us"], figures[$"{name} MB"]) = (perSecond, (server.CpuSeconds - cpu) / requests * 1e6, server.MegabytesNow);
        }

        if (servers.Count > 1) figures[$"{servers.Keys.Last()}/{servers.Keys.First()}"] = figures[$"{servers.Keys.Last()}/s"] / figures[$"{servers.Keys.First()}/s"];
        return figures;
    }
}
