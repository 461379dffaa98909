using System.CommandLine;
using System.CommandLine.Help;
using Serverless.Cli.Commands;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;

namespace Serverless.Cli;

/// <summary><c>serverless-ml</c>: its commands, and what all of them share.</summary>
internal static class CliApp
{
    /// <summary>Parses and runs one command line. Never throws: every fault becomes a message and an exit code.</summary>
    public static async Task<int> RunAsync(string[] args, CliConsole console, CancellationToken cancel)
    {
        var options = new GlobalOptions();
        var root = Root(options, console);
        var parsed = root.Parse(args, new ParserConfiguration { EnablePosixBundling = true, ResponseFileTokenReplacer = null });
        var json = parsed.GetValue(options.Json);
        try
        {
            if (parsed.Errors.Count > 0 && parsed.Action is not (HelpWithExamples or VersionOptionAction)) return UsageErrors.Write(parsed, console, json);
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = console.Out, Error = console.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancel);
        }
        catch (Exception e)
        {
            return ErrorReport.Write(e, console, json, options.IsVerbose(parsed, console));
        }
    }

    /// <summary>Every command, in the order in which a newcomer meets them.</summary>
    internal static IReadOnlyList<CommandSpec> Commands() =>
    [
        DemoCommand.Create(), InitCommand.Create(),
        IngestCommand.Create(), HistoryCommand.Create(), CheckCommand.Create(), ProfileCommand.Create(), MetricsCommand.Create(), SuggestCommand.Create(),
        DriftCommand.Create(),
        TrainCommand.Create(), RunsCommand.Create(), ModelsCommand.Create(),
        PredictCommand.Create(), ServeCommand.Create(), UpCommand.Create(),
        PullCommand.Create(),
        ReplayCommand.Create(), EraseCommand.Create(), ReportCommand.Create(),
        AlertsCommand.Create(), IncidentsCommand.Create(),
    ];

    private static RootCommand Root(GlobalOptions options, CliConsole console)
    {
        var root = new RootCommand("Machine learning in production: data in, checked and versioned; models trained, gated, registered; predictions served.")
        {
            options.Workspace, options.Json, options.Quiet, options.Verbose,
        };
        var commands = Commands();
        foreach (var spec in commands) Add(root, spec, options, console);
        root.Options.OfType<HelpOption>().Single().Action = new HelpWithExamples(commands);
        root.Options.OfType<VersionOption>().Single().Action = new VersionOptionAction();
        return root;
    }

    private static void Add(Command parent, CommandSpec spec, GlobalOptions options, CliConsole console)
    {
        parent.Add(spec.Command);
        if (spec.RunAsync is { } run) spec.Command.SetAction((parsed, cancel) => run(new CommandContext(parsed, console, options, cancel)));
        foreach (var sub in spec.Subcommands) Add(spec.Command, sub, options, console);
    }
}
