using System.CommandLine;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Replay;
using Serverless.Runs;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>replay DATASET</c>: quarantined rows that fit the mended contract come in.</summary>
internal static class ReplayCommand
{
    public static CommandSpec Create()
    {
        var dataset = new Argument<string>("DATASET") { Description = "Dataset of the workspace." };
        var command = new Command("replay", "Bring in quarantined rows that fit the contract as it is now.") { dataset };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(dataset);
            await using var open = context.Open(Parts.All);
            open.Workspace.Dataset(name);
            var engine = open.Get<IRunEngine>();
            var id = await engine.StartAsync(new ReplayState { Dataset = name, By = context.By }, cancel: context.Cancel);
            var run = await Bars.RunAsync(context.Output, $"Replaying {name}", 1, bar => engine.DriveAsync(id, bar, context.Cancel));
            if (run.Status == RunStatus.Failed) throw new DataException($"'{name}' was not replayed: {run.Reason} (run {run.Id})");
            var report = run.Data.Deserialize<ReplayState>(ServerlessJson.Options)!.Report!;
            context.Output.Answer(report, screen => Show(screen, report));
            return report.Left > 0 ? ExitCode.No : ExitCode.Done;
        })
        {
            Examples = ["serverless-ml replay flights"],
        };
    }

    private static void Show(IAnsiConsole screen, ReplayReport report)
    {
        if (report.Quarantined == 0) screen.Line($"{report.Dataset} has nothing in quarantine.");
        else screen.Line($"{report.Dataset}: {Cells.Plural(report.Stored, "row")} of {Cells.Count(report.Quarantined)} in quarantine fit the contract now and were stored; {Cells.Count(report.Left)} stay.");
        if (report.Left > 0 && report.Stored == 0) screen.Line($"Mend the contract in the dataset's file first. What is wrong with each row stands in quarantine/{report.Dataset}/ (columns _check and _row).");
    }
}
