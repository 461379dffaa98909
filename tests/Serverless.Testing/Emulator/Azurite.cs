using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace Serverless.Testing.Emulator;

/// <summary>
/// One Azurite (Azure's storage emulator, in memory, on free ports) for all tests of a process; it ends with the process, however that ends.
/// Where it cannot be had, tests that ask for it are skipped with the reason.
/// </summary>
public sealed partial class Azurite
{
    // The account and key that every emulator has; they are public: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly Lazy<(Azurite? Ready, string? Reason)> Shared = new(Start);

    private Azurite(Process process, int blobs, int queues, int tables)
    {
        ProcessId = process.Id;
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint=http://127.0.0.1:{blobs}/{Account};"
            + $"QueueEndpoint=http://127.0.0.1:{queues}/{Account};TableEndpoint=http://127.0.0.1:{tables}/{Account};";
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop(process);
    }

    public int ProcessId { get; }

    public string ConnectionString { get; }

    /// <summary>Why there is none, or null when it runs.</summary>
    public static string? Missing => Shared.Value.Reason;

    /// <summary>The running emulator; skips the test where there is none.</summary>
    public static Azurite OrSkip()
    {
        var (ready, reason) = Shared.Value;
        Skip.If(ready is null, reason);
        return ready!;
    }

    private static (Azurite? Ready, string? Reason) Start()
    {
        if (AzuriteInstall.Ensure() is { } reason) return (null, reason + ".");
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = AzuriteInstall.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Port 0: Azurite takes a free one and says which.
        start.Arguments = "run.js --blobPort 0 --queuePort 0 --tablePort 0 --inMemoryPersistence --extentMemoryLimit 1024 "
            + "--skipApiVersionCheck --disableTelemetry --silent";

        var process = Process.Start(start)!;
        var ports = new Dictionary<string, int>();
        var said = new List<string>();
        using var ready = new ManualResetEventSlim();
        void Hear(string? line)
        {
            lock (said)
            {
                if (line is null) return;
                said.Add(line);
                if (Listening().Match(line) is not { Success: true } match) return;
                ports[match.Groups[1].Value] = int.Parse(match.Groups[2].Value);
                if (ports.Count == 3) ready.Set();
            }
        }

        process.OutputDataReceived += (_, e) => Hear(e.Data);
        process.ErrorDataReceived += (_, e) => Hear(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromMinutes(2) && !process.HasExited;)
        {
            if (ready.Wait(TimeSpan.FromMilliseconds(100))) return (new Azurite(process, ports["Blob"], ports["Queue"], ports["Table"]), null);
        }

        Stop(process);
        // Installed but unable to start is a fault of ours or of the machine, which a skip would hide.
        lock (said) throw new InvalidOperationException("Azurite did not start: " + string.Join(" | ", said));
    }

    private static void Stop(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    [GeneratedRegex(@"Azurite (Blob|Queue|Table) service is successfully listening at http://127\.0\.0\.1:(\d+)")]
    private static partial Regex Listening();
}
