using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Serverless.Cli.Tests;

/// <summary>The program as users start it, as a process of its own.</summary>
internal sealed class CliProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private const string Program = "serverless-ml.dll";

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> error = new();

    private CliProcess(string folder, string[] args, string program = Program)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. args])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        process = Process.Start(start)!;
        process.StandardInput.Close();
        process.OutputDataReceived += (_, e) => { if (e.Data is not null) output.Enqueue(e.Data); };
        process.ErrorDataReceived += (_, e) => { if (e.Data is not null) error.Enqueue(e.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public string Out => string.Join('\n', output);

    public string Error => string.Join('\n', error);

    public static CliProcess Start(string folder, params string[] args) => new(folder, args);

    /// <summary>Another program that is the command line with something added.</summary>
    public static CliProcess StartProgram(string program, string folder, params string[] args) => new(folder, args, program);

    /// <summary>Starts a server with <c>--json</c> and waits for its address.</summary>
    public static async Task<(CliProcess Process, Uri Address)> ServeAsync(string folder, string command, string program = Program)
    {
        var started = StartProgram(program, folder, command, "--urls", "http://127.0.0.1:0", "--json");
        await started.UntilAsync(() => started.Out.TrimEnd().EndsWith('}') || started.process.HasExited, $"{command} says where it listens");
        started.process.HasExited.ShouldBeFalse(started.Error);
        using var json = JsonDocument.Parse(started.Out);
        return (started, new Uri(json.RootElement.GetProperty("urls")[0].GetString()!));
    }

    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    /// <summary>As Ctrl-C does.</summary>
    public void Interrupt() => Process.Start("kill", ["-INT", $"{process.Id}"]).WaitForExit();

    /// <summary>At once, without a chance to tidy up.</summary>
    public void Kill() => Process.Start("kill", ["-KILL", $"{process.Id}"]).WaitForExit();

    public Task UntilAsync(Func<bool> condition, string what) => Eventually.TrueAsync(() => Task.FromResult(condition()), () => $"{what}\n{Out}\n{Error}");

    public void Dispose()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}

/// <summary>Polls instead of guessing how long something takes.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> what)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Limit) throw new TimeoutException($"not within {Limit}: {what()}");
            await Task.Delay(50);
        }
    }
}
