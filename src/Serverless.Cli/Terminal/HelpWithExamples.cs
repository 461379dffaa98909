using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Serverless.Cli.Commands;

namespace Serverless.Cli.Terminal;

/// <summary>The usual help, and below it how the command is really typed.</summary>
internal sealed class HelpWithExamples(IReadOnlyList<CommandSpec> commands) : SynchronousCommandLineAction
{
    private static readonly string[] FirstSteps = ["serverless-ml demo", "serverless-ml init my-project --sample flights"];

    private readonly HelpAction usual = new() { MaxWidth = 80 };

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        var examples = command is RootCommand ? FirstSteps : Find(commands, command)?.Examples ?? [];
        if (examples.Count == 0) return code;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples) output.WriteLine("  " + example);
        output.WriteLine();
        return code;
    }

    private static CommandSpec? Find(IEnumerable<CommandSpec> specs, Command command) =>
        specs.Select(s => s.Command == command ? s : Find(s.Subcommands, command)).FirstOrDefault(s => s is not null);
}

/// <summary><c>--version</c>: which code this is.</summary>
internal sealed class VersionOptionAction : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine(CodeVersion.Current);
        return ExitCode.Done;
    }
}
