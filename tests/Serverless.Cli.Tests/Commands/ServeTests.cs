using System.Net;
using System.Net.Sockets;

namespace Serverless.Cli.Tests.Commands;

public sealed class ServeTests
{
    [Theory, InlineData("serve"), InlineData("up")]
    public async Task Serve_AnAddressThatIsNone_SaysHowToWriteOne(string command)
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.RunAsync(folder.Path, command, "--urls", "localhost:80");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith("error: 'localhost:80' is not an address to listen on. Write 'http://127.0.0.1:5080'");
    }

    [Fact]
    public async Task Serve_AnAddressInUse_SaysSo()
    {
        using var folder = SmallWorkspace.Create();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var run = await Cli.RunAsync(folder.Path, "serve", "--urls", $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}");

        run.Code.ShouldBe(ExitCode.InputOutput);
        run.Error.ShouldContain("is in use by another program");
        run.Error.ShouldNotContain("   at ");
    }

    [SkippableTheory, InlineData("up"), InlineData("serve")]
    public async Task Server_WithARollout_DoesNotWarnAndStopsCleanlyOnCtrlC(string command)
    {
        Skip.If(OperatingSystem.IsWindows(), "signals are sent with kill");
        using var folder = SmallWorkspace.Create(SmallWorkspace.Model + "\nrollout: shadow\n");

        var (up, _) = await CliProcess.ServeAsync(folder.Path, command);
        using (up)
        {
            up.Interrupt();
            (await up.ExitAsync()).ShouldBe(ExitCode.Done, up.Error);
            up.Error.ShouldNotContain("warning");
        }
    }
}
