using System.CommandLine;
using System.CommandLine.Help;
using Serverless.Cli.Commands;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;

namespace Serverless.Cli;

/// <summary><c>serverless-ml</c>: its commands, and what all of them share.</summary>
internal static class CliApp
{
    /// <summary>Every command, in the order in which a newcomer meets them.</summary>
    internal static readonly (string Name, Func<CommandSpec> Create)[] Table =
    [
        ("demo", DemoCommand.Create), ("init", InitCommand.Create),
        ("ingest", IngestCommand.Create), ("history", HistoryCommand.Create), ("check", CheckCommand.Create), ("profile", ProfileCommand.Create), ("metrics", MetricsCommand.Create), ("suggest", SuggestCommand.Create),
        ("drift", DriftCommand.Create),
        ("features", FeaturesCommand.Create), ("train", TrainCommand.Create), ("runs", RunsCommand.Create), ("reproduce", ReproduceCommand.Create), ("models", ModelsCommand.Create),
        ("predict", PredictCommand.Create), ("score", ScoreCommand.Create), ("explain", ExplainCommand.Create), ("serve", ServeCommand.Create), ("up", UpCommand.Create),
        ("pull", PullCommand.Create),
        ("replay", ReplayCommand.Create), ("erase", EraseCommand.Create), ("report", ReportCommand.Create),
        ("retain", RetainCommand.Create), ("export", ExportCommand.Create), ("rollout", RolloutCommand.Create),
        ("alerts", AlertsCommand.Create), ("incidents", IncidentsCommand.Create),
        ("search", SearchCommand.Create),
        ("keys", KeysCommand.Create),
        ("replay-prediction", ReplayPredictionCommand.Create),
        ("feedback", FeedbackCommand.Create),
        ("performance", PerformanceCommand.Create),
        ("switches", SwitchesCommand.Create),
    ];

    /// <summary>Parses and runs one command line. Never throws: every fault becomes a message and an exit code.</summary>
    public static async Task<int> RunAsync(string[] args, CliConsole console, CancellationToken cancel)
    {
        var (parsed, options) = Parse(args, console);
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

    /// <summary>Every command, made.</summary>
    internal static IReadOnlyList<CommandSpec> Commands() => [.. Table.Select(c => c.Create())];

    // A command whose name does not occur cannot be meant, so it need not be made: a good part of a quick start. Help and hints are about all of them.
    private static (ParseResult Parsed, GlobalOptions Options) Parse(string[] args, CliConsole console)
    {
        var named = Array.FindAll(Table, c => Array.IndexOf(args, c.Name) >= 0);
        if (named.Length > 0 && !args[0].StartsWith('[') && Parse(args, console, named) is { Parsed: { Errors.Count: 0, Action: not HelpWithExamples } } quick) return quick;
        return Parse(args, console, Table);
    }

    private static (ParseResult Parsed, GlobalOptions Options) Parse(string[] args, CliConsole console, (string Name, Func<CommandSpec> Create)[] table)
    {
        var options = new GlobalOptions();
        var root = Root(options, console, Array.ConvertAll(table, c => c.Create()));
        return (root.Parse(args, new ParserConfiguration { EnablePosixBundling = true, ResponseFileTokenReplacer = null }), options);
    }

    private static RootCommand Root(GlobalOptions options, CliConsole console, CommandSpec[] commands)
    {
        var root = new RootCommand("Machine learning in production: data in, checked and versioned; models trained, gated, registered; predictions served.")
        {
            options.Workspace, options.Json, options.Quiet, options.Verbose,
        };
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
