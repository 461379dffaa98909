namespace Serverless.Bench.Serving;

/// <summary>Single-row HTTP predictions, 100 trees of 31 leaves, prediction log on; server on one core, load on the other.</summary>
internal sealed class ServeBench : IBench
{
    // A .NET server needs half a minute under load on one core to reach full speed.
    private const int WarmUp = 45;
    private const int Measured = 10;
    private const double ShareOfBare = 0.70;
    private const double TimesFastApi = 25;

    public string Name => "serve";

    public string Description => "single-row HTTP prediction against bare Kestrel and FastAPI + uvicorn + scikit-learn";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["bare"] = () => MeasureAsync(Servers.Bare(5701), WarmUp),
        ["serverless"] = () => MeasureAsync(Servers.Serverless(5702), WarmUp),
        ["fastapi"] = () => MeasureAsync(Servers.FastApi(5703), 10),
    };

    public Task PrepareAsync() => Servers.PrepareAsync();

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var (bare, ours, fastapi) = (medians["bare"]["perSecond"], medians["serverless"]["perSecond"], medians["fastapi"]["perSecond"]);
        Console.WriteLine(FormattableString.Invariant($"serverless {ours:0}/s, bare Kestrel {bare:0}/s: {ours / bare:P0} (at least {ShareOfBare:P0})"));
        Console.WriteLine(FormattableString.Invariant($"FastAPI {fastapi:0}/s: {ours / fastapi:0.0} times (at least {TimesFastApi:0})"));
    }

    private static async Task<IReadOnlyDictionary<string, double>> MeasureAsync(Servers started, int warmUp)
    {
        using var server = started;
        await server.FirstAnswerAsync();
        await Load.RunAsync(server.Address, warmUp);
        var cpu = server.CpuSeconds;
        var (perSecond, requests) = await Load.RunAsync(server.Address, Measured);
        return new Dictionary<string, double> { ["perSecond"] = perSecond, ["cpuMicroseconds"] = (server.CpuSeconds - cpu) / requests * 1e6, ["serverMB"] = server.MegabytesNow };
    }
}
