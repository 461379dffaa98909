using System.Globalization;

namespace Serverless.Web.Tests;

/// <summary>A server of its own process on a given folder, for tests that kill one: prints its address, then serves until it is stopped.</summary>
internal static class Program
{
    public static async Task Main(string[] args)
    {
        if (args is not [("serve" or "serve-durable") and var how, var folder]) return;
        var host = await WebHost.StartAsync(how == "serve-durable" ? Flights.Durable() : null, folder: folder);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"listening {host.Address}"));
        using var stop = new SemaphoreSlim(0);
        using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Release();
        });
        await stop.WaitAsync();
        await host.DisposeAsync();
    }
}
