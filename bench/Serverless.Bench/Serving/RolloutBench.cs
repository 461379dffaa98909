using System.Globalization;
using Serverless.Bench.Serving.Rollouts;

namespace Serverless.Bench.Serving;

/// <summary>
/// What a rollout costs whoever asks: single-row predictions with subjects while a canary of 2 % or a shadow of 100 % is under way, in turn with bare Kestrel and with a server without a rollout; and a
/// champion that is swapped under load. Servers on one core, load on the other, all warmed first.
/// </summary>
internal sealed class RolloutBench : IBench
{
    private const int WarmUp = 40;
    private const int Turns = 5;
    private const int Seconds = 3;
    private const int Pace = 2000;
    private const string Body = """{"subject":"{subject}","rows":[{"date":"2001-03-02T18:30:00Z","distance":733,"origin":"ORD","destination":"LGA"}]}""";

    public string Name => "rollouts";

    public string Description => "single-row prediction under a canary, a shadow and swaps of the champion, against bare Kestrel";

    public int Rounds => 1;

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["canary"] = () => TurnsAsync(new() { ["bare"] = () => Servers.Bare(5731), ["canary"] = () => Servers.Serverless(5732, workspace: ReleasingWorkspaces.Canary) }),
        ["shadow"] = () => ShadowAsync(new() { ["alone"] = () => Servers.Serverless(5733, workspace: ReleasingWorkspaces.None), ["shadow"] = () => Servers.Serverless(5734, workspace: ReleasingWorkspaces.Shadow) }),
        ["swap"] = SwapAsync,
    };

    public Task PrepareAsync() => ReleasingWorkspaces.PrepareAsync();

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var (canary, shadow, swap) = (medians["canary"], medians["shadow"], medians["swap"]);
        Console.WriteLine(FormattableString.Invariant($"canary {canary["canary/bare"]:P0} of bare Kestrel (at least 85 %), p99 {canary["canary/bare p99"]:0.00} times (at most 1.5)"));
        Console.WriteLine(FormattableString.Invariant($"shadow of 100 % at {Pace}/s: mean latency {shadow["mean"]:0.000} times, median {shadow["median"]:0.000}, p99 {shadow["p99"]:0.000} (at most 1.05)"));
        Console.WriteLine(FormattableString.Invariant($"swap: {swap["failed"]:0} of {swap["requests"]:0} requests failed (none), p99 {swap["swapped p99"]:0.00} ms, quiet {swap["quiet p99"]:0.00} ms: {swap["swapped p99"] / swap["quiet p99"]:0.00} times (at most 3)"));
    }

    private static async Task<IReadOnlyDictionary<string, double>> TurnsAsync(Dictionary<string, Func<Servers>> starts)
    {
        var servers = new Dictionary<string, Servers>();
        try
        {
            foreach (var (name, start) in starts)
            {
                servers[name] = start();
                await servers[name].FirstAnswerAsync();
                await Load.RunAsync(servers[name].Address, WarmUp, Body, failures: true);
            }

            var turns = new List<Dictionary<string, double>>();
            for (var turn = 0; turn < Turns; turn++)
            {
                var figures = new Dictionary<string, double>();
                foreach (var (name, server) in servers)
                {
                    var cpu = server.CpuSeconds;
                    var seen = await Load.RunAsync(server.Address, Seconds, Body);
                    (figures[$"{name}/s"], figures[$"{name} p99"], figures[$"{name} us"]) = (seen.PerSecond, seen.Slowest, (server.CpuSeconds - cpu) / seen.Requests * 1e6);
                }

                var (first, second) = (servers.Keys.First(), servers.Keys.Last());
                (figures[$"{second}/{first}"], figures[$"{second}/{first} p99"]) = (figures[$"{second}/s"] / figures[$"{first}/s"], figures[$"{second} p99"] / figures[$"{first} p99"]);
                turns.Add(figures);
                await Console.Error.WriteLineAsync($"  turn {turn + 1}  " + string.Join("  ", figures.Select(f => $"{f.Key} {f.Value.ToString("0.##", CultureInfo.InvariantCulture)}")));
            }

            return turns[0].Keys.ToDictionary(k => k, k => turns.Select(t => t[k]).Order().ElementAt(Turns / 2));
        }
        finally
        {
            foreach (var server in servers.Values) server.Dispose();
        }
    }

    /// <summary>At a pace that leaves the core mostly idle: a shadow's own work takes processor time wherever it runs, and a full server would only measure that.</summary>
    private static async Task<IReadOnlyDictionary<string, double>> ShadowAsync(Dictionary<string, Func<Servers>> starts)
    {
        var servers = new Dictionary<string, Servers>();
        try
        {
            foreach (var (name, start) in starts)
            {
                servers[name] = start();
                await servers[name].FirstAnswerAsync();
                await Load.RunAsync(servers[name].Address, WarmUp, Body, failures: true);
            }

            var turns = new List<Dictionary<string, double>>();
            for (var turn = 0; turn < 2 * Turns; turn++)
            {
                var (alone, shadow) = (await PacedLoad.RunAsync(servers["alone"].Address, Pace, 4), await PacedLoad.RunAsync(servers["shadow"].Address, Pace, 4));
                turns.Add(new()
                {
                    ["alone ms"] = alone.Mean, ["shadow ms"] = shadow.Mean, ["mean"] = shadow.Mean / alone.Mean, ["median"] = shadow.Median / alone.Median, ["p99"] = shadow.Slowest / alone.Slowest,
                });
                await Console.Error.WriteLineAsync($"  turn {turn + 1}  " + string.Join("  ", turns[^1].Select(f => $"{f.Key} {f.Value.ToString("0.###", CultureInfo.InvariantCulture)}")));
            }

            return turns[0].Keys.ToDictionary(k => k, k => turns.Select(t => t[k]).Order().ElementAt(Turns));
        }
        finally
        {
            foreach (var server in servers.Values) server.Dispose();
        }
    }

    /// <summary>Ten seconds in peace and ten in which another version becomes champion every second or so, in turn.</summary>
    private static async Task<IReadOnlyDictionary<string, double>> SwapAsync()
    {
        using var server = Servers.Serverless(5735, workspace: ReleasingWorkspaces.None);
        await server.FirstAnswerAsync();
        await Load.RunAsync(server.Address, WarmUp, Body);
        var (quiet, swapped) = (new List<Seen>(), new List<Seen>());
        for (var turn = 0; turn < 3; turn++)
        {
            quiet.Add(await Load.RunAsync(server.Address, 10, Body, failures: true));
            using var done = new CancellationTokenSource();
            var swaps = ReleasingWorkspaces.SwapAsync(done.Token);
            swapped.Add(await Load.RunAsync(server.Address, 10, Body, failures: true));
            await done.CancelAsync();
            await swaps;
        }

        double Median(List<Seen> of) => of.Select(s => s.Slowest).Order().ElementAt(of.Count / 2);
        return new Dictionary<string, double>
        {
            ["requests"] = swapped.Sum(s => s.Requests), ["failed"] = swapped.Concat(quiet).Sum(s => s.Failed), ["quiet p99"] = Median(quiet), ["swapped p99"] = Median(swapped),
        };
    }
}
