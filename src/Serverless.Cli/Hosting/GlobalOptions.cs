using System.CommandLine;
using Serverless.Cli.Terminal;

namespace Serverless.Cli.Hosting;

/// <summary>Options that every command knows, before or after its name.</summary>
internal sealed class GlobalOptions
{
    public Option<string?> Workspace { get; } = new("--workspace", "-w")
    {
        Description = "Folder of the workspace. Default: the one at or above the current folder.", HelpName = "DIR", Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "One JSON document on stdout; everything else goes to stderr.", Recursive = true };

    public Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "No progress and no remarks, only the answer.", Recursive = true };

    public Option<bool> Verbose { get; } = new("--verbose") { Description = "With an error, the details that a bug report needs. Also: SERVERLESS_DEBUG=1.", Recursive = true };

    public bool IsVerbose(ParseResult parsed, CliConsole console) =>
        parsed.GetValue(Verbose) || console.Variable("SERVERLESS_DEBUG") is { Length: > 0 } and not "0";
}
