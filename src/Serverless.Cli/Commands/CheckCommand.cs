using System.CommandLine;
using Serverless.Checks;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Partitions;
using Serverless.Problems;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>check FILE --dataset D</c> and <c>check DATASET [--date D]</c>: does it keep the contract and pass the checks? Stores nothing.</summary>
internal static class CheckCommand
{
    /// <param name="Partition">Key of the partition that was looked at.</param>
    private sealed record Line(string Partition, CheckResult Result);

    private sealed record Answer(IReadOnlyList<Line> Lines, long Quarantined, string? Rejected = null)
    {
        public string Status => Rejected is not null ? CheckLines.Failed : CheckLines.Overall(Lines.Select(l => l.Result), Quarantined);
    }

    public static CommandSpec Create()
    {
        var subject = new Argument<string>("FILE|DATASET") { Description = "A file that is not stored yet, or a dataset of the workspace." };
        var dataset = new Option<string?>("--dataset", "-d") { Description = "The dataset whose contract the file should keep.", HelpName = "DATASET" };
        var date = new Option<string?>("--date") { Description = "Only the partitions of this period: 2001-01-05 or 2001-01.", HelpName = "PERIOD" };
        var command = new Command("check", "Look at a file or a dataset as its contract and checks ask. Stores nothing.") { subject, dataset, date };
        return new CommandSpec(command, async context =>
        {
            var word = context.Parsed.GetRequiredValue(subject);
            await using var open = context.Open(Parts.All);
            var contract = context.Parsed.GetValue(dataset);
            var period = context.Parsed.GetValue(date);
            var file = contract is not null ? Existing(context, word) : Subject.File(context, word, () => open.Workspace.Datasets.Keys);
            if (file is not null && contract is null) throw new RequestException($"'{word}' is a file: say with --dataset whose contract it should keep.{Known(open)}");
            if (file is not null && period is not null) throw new RequestException("--date is for a dataset; a file is looked at as a whole.");
            var answer = file is not null ? await FileAsync(open, file, contract!, context) : await DatasetAsync(open, word, period, context);
            context.Output.Answer(
                new { status = answer.Status, reason = answer.Rejected, checks = answer.Lines.Select(l => CheckLines.Document(l.Result, l.Partition)), quarantined = answer.Quarantined },
                screen => Show(screen, word, answer));
            return answer.Status == CheckLines.Failed ? ExitCode.No : ExitCode.Done;
        })
        {
            Examples = ["serverless-ml check new.csv --dataset flights", "serverless-ml check flights", "serverless-ml check flights --date 2001-01-05"],
        };
    }

    private static string Existing(CommandContext context, string word) =>
        File.Exists(context.FullPath(word)) ? context.FullPath(word) : throw new FileNotFoundException($"file '{word}' does not exist.");

    private static string Known(OpenWorkspace open) => open.Workspace.Datasets.Count > 0 ? $" Datasets: {string.Join(", ", open.Workspace.Datasets.Keys)}." : "";

    private static async Task<Answer> FileAsync(OpenWorkspace open, string path, string dataset, CommandContext context)
    {
        var definition = open.Workspace.Dataset(dataset);
        using var scratch = new ScratchFolder();
        var drop = await open.Get<IDataEngine>().PartitionAsync(path, Path.GetFileName(path), definition, open.Get<TimeProvider>().GetUtcNow(), scratch.Path, cancel: context.Cancel);
        var lines = drop.Partitions.SelectMany(p => p.Inspection?.Checks.Select(c => new Line(p.Key, c)) ?? []);
        return new Answer([.. lines], drop.Quarantined, drop.Rejected);
    }

    private static async Task<Answer> DatasetAsync(OpenWorkspace open, string dataset, string? period, CommandContext context)
    {
        var definition = open.Workspace.Dataset(dataset);
        var partitions = await Subject.PartitionsAsync(open, dataset, period, null, context.Cancel);
        var engine = open.Get<IDataEngine>();
        var lines = await Bars.RunAsync(context.Output, $"Checking {dataset}", partitions.Count, async bar =>
        {
            var found = new List<Line>();
            foreach (var partition in partitions)
            {
                using var file = await open.Get<Storage.IObjectStore>().MaterialiseAsync(partition.Entry.Path, context.Cancel);
                var inspection = await engine.InspectAsync([file.Path], definition, context.Cancel);
                found.AddRange(inspection.Checks.Select(c => new Line(partition.Key, c)));
                bar.Advance(partition.Key);
            }

            return found;
        });
        return new Answer(lines, partitions.Select(p => p.Commit).DistinctBy(c => c.Version).Sum(c => c.Quarantined));
    }

    private static void Show(IAnsiConsole screen, string subject, Answer answer)
    {
        if (answer.Rejected is not null)
        {
            screen.MarkupLine($"[red]{Markup.Escape(subject)} would be rejected:[/] {Markup.Escape(answer.Rejected)}");
            return;
        }

        var table = Cells.Table("Check", "Column", "Expected", "Severity", ">Passed", "");
        foreach (var group in answer.Lines.GroupBy(l => (l.Result.Check, l.Result.Column, l.Result.Expectation, l.Result.Severity)))
        {
            var bad = group.Where(l => l.Result.Outcome is Outcome.Failed or Outcome.Errored).ToArray();
            var applied = group.Count(l => l.Result.Outcome != Outcome.NotApplicable);
            table.Marked(Markup.Escape(group.Key.Check), Markup.Escape(group.Key.Column ?? ""), Markup.Escape(group.Key.Expectation), CheckLines.Word(group.Key.Severity),
                $"{applied - bad.Length} of {applied}", bad.Length == 0 ? "[green]ok[/]" : group.Key.Severity >= Datasets.Severity.Error ? "[red]failed[/]" : "[yellow]look[/]");
        }

        if (answer.Lines.Count > 0) screen.Write(table);
        else screen.Line("The contract is kept; there are no checks beside it.");
        foreach (var line in answer.Lines.Where(l => l.Result.Outcome is Outcome.Failed or Outcome.Errored).Take(20)) screen.Line($"{line.Partition}: {CheckLines.Sentence(line.Result)}");
        if (answer.Quarantined > 0) screen.Line($"{Cells.Plural(answer.Quarantined, "row")} {(answer.Quarantined == 1 ? "breaks" : "break")} the contract (quarantine).");
        screen.MarkupLine(answer.Status switch
        {
            CheckLines.Passed => "[green]passed[/]",
            CheckLines.Warning => "[yellow]passed, with warnings[/]",
            _ => "[red]failed[/]",
        });
    }
}
