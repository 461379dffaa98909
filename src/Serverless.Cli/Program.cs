using System.Runtime.InteropServices;
using Serverless.Cli;
using Serverless.Cli.Terminal;

using var cancellation = new CancellationTokenSource();
var console = CliConsole.Process();

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
