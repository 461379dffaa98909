using System.CommandLine;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Cli.Hosting;

/// <summary>One invocation: what was asked, where to say the answer, and the workspace it is about.</summary>
internal sealed class CommandContext(ParseResult parsed, CliConsole console, GlobalOptions options, CancellationToken cancel)
{
    public ParseResult Parsed { get; } = parsed;

    public CliConsole Console { get; } = console;

    public CancellationToken Cancel { get; } = cancel;

    public bool Verbose { get; } = options.IsVerbose(parsed, console);

    public Output Output { get; } = new(console, parsed.GetValue(options.Json), parsed.GetValue(options.Quiet));

    /// <summary>Who is written down as the one who asked.</summary>
    public string By { get; } = $"cli:{Environment.UserName}";

    /// <summary>A path as the user typed it, from the folder where they typed it.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, Console.CurrentFolder);

    /// <summary>Opens the workspace of <c>--workspace</c>, or else the one at or above the current folder.</summary>
    public OpenWorkspace Open(Parts parts) => OpenWorkspace.At(WorkspaceFolder(), parts, Console, Verbose);

    public string WorkspaceFolder()
    {
        if (Parsed.GetValue(options.Workspace) is { } named) return FullPath(named);
        return WorkspaceLoader.Find(Console.CurrentFolder) ?? throw new ConfigurationException([new Problem(
            $"there is no serverless.yaml in '{Console.CurrentFolder}' or above it. Make a workspace with 'serverless-ml init DIR --sample flights', or name one with '--workspace DIR'.")]);
    }
}
