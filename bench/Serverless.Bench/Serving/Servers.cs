using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Serverless.Bench.Serving;

/// <summary>The servers that are compared, each a process of its own on the first core; whoever asks them is on the second.</summary>
internal sealed class Servers : IDisposable
{
    public const string Body = """{"rows":[{"date":"2001-03-02T18:30:00Z","distance":733,"origin":"ORD","destination":"LGA"}]}""";

    private static readonly HttpClient Client = new();

    private readonly Process process;

    private Servers(Process process, int port) => (this.process, Port) = (process, port);

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}/v1/models/flight-delay/predict";

    public double MegabytesNow
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1e6;
        }
    }

    public double CpuSeconds
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    public static string Workspace => BenchData.Made("serving");

    /// <summary>A workspace with the flights sample, ingested and trained: 100 trees of 31 leaves.</summary>
    public static async Task PrepareAsync()
    {
        if (Directory.Exists(Path.Combine(Workspace, ".serverless", "objects", "models"))) return;
        if (Directory.Exists(Workspace)) Directory.Delete(Workspace, recursive: true);
        await CliAsync("init", Workspace, "--sample", "flights");
        await CliAsync(["-w", Workspace, "-q", "ingest", "flights", .. Directory.GetFiles(Path.Combine(Workspace, "drops")).Order()]);
        await CliAsync("-w", Workspace, "-q", "train", "flight-delay");
    }

    public static Servers Bare(int port) => Start(port, ["dotnet", Path.Combine(AppContext.BaseDirectory, "Serverless.Bench.dll"), "--server", "bare", Url(port)]);

    /// <param name="watched">File into which the collector's figures are written (<see cref="StartupHook"/>).</param>
    public static Servers Serverless(int port, string? program = null, string? watched = null, string? workspace = null) =>
        Start(port, [.. program is null ? ["dotnet", Cli] : new[] { program }, "-w", workspace ?? Workspace, "serve", "--urls", Url(port)], watched);

    public static Servers FastApi(int port) => Start(port,
        ["/usr/bin/python3", Path.Combine(BenchData.Root, "peers", "fastapi_server.py"), Path.Combine(Workspace, "drops"), BenchData.Made("sklearn.pickle"), port.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Asks until the first prediction comes. Seconds since the process was started.</summary>
    public async Task<double> FirstAnswerAsync()
    {
        while (true)
        {
            try
            {
                using var response = await Client.PostAsync(Address, new StringContent(Body, Encoding.UTF8, "application/json"));
                response.EnsureSuccessStatusCode();
                return (DateTime.Now - process.StartTime).TotalSeconds;
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                await Task.Delay(2);
            }
        }
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    // The program where its own build puts it; the copy beside this one is not compiled ahead.
    private static string Cli { get; } = Path.Combine(BenchData.Root, "..", "src", "Serverless.Cli", "bin", Path.GetRelativePath(Path.Combine(BenchData.Root, "Serverless.Bench", "bin"), AppContext.BaseDirectory), "serverless-ml.dll");

    private static string Url(int port) => $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";

    private static Servers Start(int port, string[] command, string? watched = null)
    {
        var start = new ProcessStartInfo("taskset", ["-c", "0", .. command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        if (watched is not null) (start.Environment["DOTNET_STARTUP_HOOKS"], start.Environment[StartupHook.Variable]) = (typeof(StartupHook).Assembly.Location, watched);
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new Servers(process, port);
    }

    public static async Task CliAsync(params string[] arguments)
    {
        using var process = Process.Start("dotnet", [Cli, .. arguments]);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"serverless-ml {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
