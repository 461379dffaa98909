namespace Serverless.Bench.Serving;

/// <summary>From the start of the process to the first prediction.</summary>
internal sealed class ColdStartBench : IBench
{
    private const double TimesBare = 2;

    public int Rounds => 11;

    public string Name => "coldstart";

    public string Description => "start of the server to its first prediction, against bare Kestrel and FastAPI";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts
    {
        get
        {
            var parts = new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
            {
                ["bare"] = () => MeasureAsync(Servers.Bare(5711)),
                ["serverless"] = () => MeasureAsync(Servers.Serverless(5712)),
                ["fastapi"] = () => MeasureAsync(Servers.FastApi(5713)),
            };
            // dotnet publish src/Serverless.Cli -c Release -r linux-x64 --no-self-contained -p:PublishReadyToRun=true -o bench/artifacts/readytorun
            var ready = Path.Combine(BenchData.Made("readytorun"), "serverless-ml");
            if (File.Exists(ready)) parts["readytorun"] = () => MeasureAsync(Servers.Serverless(5714, ready));
            return parts;
        }
    }

    public Task PrepareAsync() => Servers.PrepareAsync();

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var bare = medians["bare"]["seconds"];
        foreach (var (part, figures) in medians.Where(m => m.Key != "bare"))
        {
            Console.WriteLine(FormattableString.Invariant($"{part} {figures["seconds"]:0.00} s, bare Kestrel {bare:0.00} s: {figures["seconds"] / bare:0.0} times{(part == "fastapi" ? "" : $" (at most {TimesBare:0})")}"));
        }
    }

    private static async Task<IReadOnlyDictionary<string, double>> MeasureAsync(Servers started)
    {
        using var server = started;
        var seconds = await server.FirstAnswerAsync();
        return new Dictionary<string, double> { ["seconds"] = seconds, ["serverCpuSeconds"] = server.CpuSeconds, ["serverMB"] = server.MegabytesNow };
    }
}
