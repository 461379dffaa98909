using System.Diagnostics;

namespace Serverless.Local.Tests;

/// <summary>A process of its own on a store: Serverless.CrashHost.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process process;
    private readonly List<string> lines = [];
    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Child(params string[] arguments)
    {
        process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Serverless.CrashHost.dll"), .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is null) return;
            lock (lines) lines.Add(e.Data);
            first.TrySetResult();
        };
        process.Start();
        process.BeginOutputReadLine();
    }

    /// <summary>Waits until it has written its first line.</summary>
    public Task BegunAsync() => first.Task.WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>kill -9. Returns the lines it had written.</summary>
    public async Task<IReadOnlyList<string>> KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        lock (lines) return [.. lines];
    }

    /// <summary>Waits for a good end. Returns the lines it has written.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        process.ExitCode.ShouldBe(0, await errors);
        lock (lines) return [.. lines];
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
