using System.CommandLine;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Erasure;
using Serverless.Problems;
using Serverless.Runs;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>erase [DATASET] --where CONDITION --reason T</c>: one person's rows go, wherever they are kept.</summary>
internal static class EraseCommand
{
    public static CommandSpec Create()
    {
        var dataset = new Argument<string?>("DATASET") { Description = "Dataset of the workspace; without it, every dataset with the columns that the condition reads.", Arity = ArgumentArity.ZeroOrOne };
        var where = new Option<string>("--where") { Description = "Which rows: an SQL condition over the dataset's columns.", HelpName = "CONDITION", Required = true };
        var reason = new Option<string>("--reason") { Description = "Kept with the record. It should not name the person.", HelpName = "TEXT", Required = true };
        var unreadable = new Option<bool>("--unreadable") { Description = "Also remove what cannot be searched: broken lines in quarantine, rejected drops." };
        var dry = new Option<bool>("--dry-run") { Description = "Say what would be removed, and change nothing." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var command = new Command("erase", "Remove somebody's rows for good, wherever they are kept.") { dataset, where, reason, unreadable, dry, yes };
        return new CommandSpec(command, async context =>
        {
            var (condition, why) = (context.Parsed.GetRequiredValue(where), context.Parsed.GetRequiredValue(reason));
            await using var open = context.Open(Parts.All);
            var eraser = open.Get<IEraser>();
            var names = await DatasetsAsync(open, context.Parsed.GetValue(dataset), condition, context.Cancel);
            var ask = context.Console.ErrorIsTerminal && !context.Parsed.GetValue(yes);
            if (context.Parsed.GetValue(dry) || ask)
            {
                var found = new List<EraseReport>();
                foreach (var name in names) found.Add(await eraser.PreviewAsync(name, condition, why, context.Cancel));
                if (context.Parsed.GetValue(dry))
                {
                    context.Output.Answer(new { erased = false, datasets = found }, screen => Show(screen, found, "would be removed"));
                    return ExitCode.Done;
                }

                Show(context.Output.ErrorScreen, found, "will be removed, for good");
                context.Output.ErrorScreen.Markup("Type [bold]yes[/] to go on: ");
                using var answer = new StreamReader(context.Console.OpenInput());
                if ((await answer.ReadLineAsync(context.Cancel))?.Trim() != "yes")
                {
                    context.Output.Answer(new { erased = false, datasets = found }, screen => screen.Line("Nothing was removed."));
                    return ExitCode.No;
                }
            }

            var reports = new List<EraseReport>();
            foreach (var name in names)
            {
                var run = await eraser.StartAsync(name, condition, why, context.By, context.Parsed.GetValue(unreadable), context.Cancel);
                reports.Add(await Bars.RunAsync(context.Output, $"Erasing from {name}", 1, bar => DriveAsync(open, run, bar, context.Cancel)));
            }

            context.Output.Answer(new { erased = true, datasets = reports }, screen => Show(screen, reports, "removed"));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml erase orders --where \"customer_id = 7\" --reason \"ticket 4711\" --dry-run", "serverless-ml erase --where \"customer_id = 7\" --reason \"ticket 4711\""],
        };
    }

    private static async Task<IReadOnlyList<string>> DatasetsAsync(OpenWorkspace open, string? named, string condition, CancellationToken cancel)
    {
        if (named is not null)
        {
            open.Workspace.Dataset(named);
            return [named];
        }

        var filter = open.Get<IRowFilter>();
        var fitting = new List<string>();
        var reasons = new List<string>();
        foreach (var dataset in open.Workspace.Datasets.Values.OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            try
            {
                await filter.ColumnsAsync(dataset, condition, cancel);
                fitting.Add(dataset.Name);
            }
            catch (RequestException e)
            {
                reasons.Add(e.Message);
            }
        }

        return fitting.Count > 0 ? fitting : throw new RequestException(reasons.Count == 0 ? "this workspace has no dataset." : string.Join('\n', reasons));
    }

    private static async Task<EraseReport> DriveAsync(OpenWorkspace open, string id, Bar bar, CancellationToken cancel)
    {
        var run = await open.Get<IRunEngine>().DriveAsync(id, bar, cancel);
        if (run.Status == RunStatus.Failed) throw new DataException($"the erasure failed and is not complete: {run.Reason} (run {run.Id})");
        return run.Data.Deserialize<EraseState>(ServerlessJson.Options)!.Report!;
    }

    private static void Show(IAnsiConsole screen, IReadOnlyList<EraseReport> reports, string verb)
    {
        foreach (var report in reports)
        {
            screen.Line($"{report.Dataset}, where {report.Condition}: {verb}:");
            screen.Line($"  {Cells.Plural(report.Rows, "row")} of {Cells.Plural(report.Partitions.Count, "partition")}{Periods(report)}");
            foreach (var (place, rows) in report.Elsewhere) screen.Line($"  {Cells.Plural(rows, "row")} in {place}{(place == "predictions" ? " (inputs and subject blanked)" : "")}");
            foreach (var drop in report.Drops) screen.Line($"  the drop {drop} in landing: its other rows are in the partitions");
            if (report.Models.Count > 0) screen.Line($"  Models that learned from such rows, and are as they were: {string.Join(", ", report.Models)}. Train them again.");
            if (report.Unreadable > 0) screen.Line($"  {Cells.Plural(report.Unreadable, "row or drop", "rows or drops")} in quarantine cannot be searched; --unreadable removes them too.");
        }
    }

    private static string Periods(EraseReport report) => report.Partitions.Count switch
    {
        0 => "",
        1 => $" ({report.Partitions[0].Key})",
        _ => $" ({report.Partitions.Min(p => p.Key)} to {report.Partitions.Max(p => p.Key)})",
    };
}
