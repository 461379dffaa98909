using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Cli.Terminal;

/// <summary>Where a command reads and writes. The process's own streams, or a test's.</summary>
internal sealed class CliConsole
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required Func<Stream> OpenInput { get; init; }

    /// <summary>A person may be reading stdout.</summary>
    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>A person can be asked on stdin.</summary>
    public bool InIsTerminal { get; init; }

    public bool Colour { get; init; }

    /// <summary>Columns; null where nobody says.</summary>
    public int? Width { get; init; }

    public required string CurrentFolder { get; init; }

    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>What the host program adds to the services of every command.</summary>
    public Action<IServiceCollection>? Services { get; init; }

    public static CliConsole Process(Action<IServiceCollection>? services = null) => new()
    {
        Services = services,
        Out = Console.Out,
        Error = Console.Error,
        OpenInput = Console.OpenStandardInput,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        InIsTerminal = !Console.IsInputRedirected,
        Colour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not "dumb",
        Width = Console.IsOutputRedirected ? null : WindowWidth(),
        CurrentFolder = Environment.CurrentDirectory,
    };

    private static int? WindowWidth()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : null;
        }
        catch (IOException)
        {
            return null; // no window: a pipe, a service
        }
    }
}
