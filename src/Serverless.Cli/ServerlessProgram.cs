using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Cli.Terminal;

namespace Serverless.Cli;

/// <summary><c>serverless-ml</c> as a program of one line, for hosts that add trainers, predictor formats or other parts of their own.</summary>
public static class ServerlessProgram
{
    /// <summary>Runs one command line on the process's own streams and signals; gives the exit code.</summary>
    /// <param name="services">Called after the product's own services were added, for every command.</param>
    public static async Task<int> RunAsync(string[] args, Action<IServiceCollection>? services = null)
    {
        using var cancellation = new CancellationTokenSource();
        var console = CliConsole.Process(services);

        // The first Ctrl-C asks; a run stops between steps and can be resumed. The second one does not ask.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return await CliApp.RunAsync(args, console, cancellation.Token);

        void Stop(PosixSignalContext signal)
        {
            if (cancellation.IsCancellationRequested) return;
            signal.Cancel = true;
            if (signal.Signal == PosixSignal.SIGINT && console.ErrorIsTerminal) console.Error.WriteLine("Stopping... (Ctrl-C again to stop at once)");
            cancellation.Cancel();
        }
    }
}
