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
            var inspector = open.Get<IDatasetInspector>();
            var answer = file is not null ? await inspector.CheckFileAsync(contract!, file, context.Cancel)
                : await inspector.CheckAsync(word, await Subject.PartitionsAsync(open, word, period, null, context.Cancel), context.Cancel);
            context.Output.Answer(
                new
                {
                    status = Status(answer), reason = answer.Reason, rows = answer.Rows, checks = answer.Checks.Select(c => CheckLines.Document(c, answer.Partitions is [var only] ? only.Key : null)),
                    partitions = answer.Partitions.Select(p => new { key = p.Key, id = p.Id, status = CheckLines.Overall(p.Checks, 0), checks = p.Checks.Select(c => CheckLines.Document(c, null)) }),
                    quarantined = answer.Quarantined, scans = answer.Scans, reread = answer.Reread,
                },
                screen => Show(screen, word, answer));
            return Status(answer) == CheckLines.Failed ? ExitCode.No : ExitCode.Done;
        })
        {
            Examples = ["serverless-ml check new.csv --dataset flights", "serverless-ml check flights", "serverless-ml check flights --date 2001-01-05"],
        };
    }

    private static string Existing(CommandContext context, string word) =>
        File.Exists(context.FullPath(word)) ? context.FullPath(word) : throw new FileNotFoundException($"file '{word}' does not exist.");

    private static string Known(OpenWorkspace open) => open.Workspace.Datasets.Count > 0 ? $" Datasets: {string.Join(", ", open.Workspace.Datasets.Keys)}." : "";

    // What the partitions say counts as well as what they say together: each of them is trained on or not.
    private static string Status(DatasetCheck answer) =>
        answer.Reason is not null ? CheckLines.Failed : CheckLines.Overall(answer.Checks.Concat(answer.Partitions.SelectMany(p => p.Checks)), answer.Quarantined);

    private static void Show(IAnsiConsole screen, string subject, DatasetCheck answer)
    {
        if (answer.Reason is not null)
        {
            screen.MarkupLine($"[red]{Markup.Escape(subject)} would be rejected:[/] {Markup.Escape(answer.Reason)}");
            return;
        }

        var many = answer.Partitions.Count > 1;
        var table = many ? Cells.Table("Check", "Column", "Expected", ">Value", ">Partitions", "") : Cells.Table("Check", "Column", "Expected", "Severity", ">Value", "");
        for (var i = 0; i < answer.Checks.Count; i++)
        {
            var check = answer.Checks[i];
            CheckResult[] all = [check, .. answer.Partitions.Select(p => p.Checks[i])];
            var bad = all.Any(IsBad);
            var value = check.Value is { } v ? Cells.Number(v) : CheckLines.Word(check.Outcome);
            var applied = all.Skip(1).Where(c => c.Outcome != Outcome.NotApplicable).ToArray();
            table.Marked(Markup.Escape(check.Check), Markup.Escape(check.Column ?? ""), Markup.Escape(check.Expectation),
                many ? Markup.Escape(value) : CheckLines.Word(check.Severity), many ? $"{applied.Count(c => !IsBad(c))} of {applied.Length}" : Markup.Escape(value),
                !bad ? "[green]ok[/]" : check.Severity >= Datasets.Severity.Error ? "[red]failed[/]" : "[yellow]look[/]");
        }

        if (answer.Checks.Count > 0) screen.Write(table);
        else screen.Line("The contract is kept; there are no checks beside it.");
        var failures = answer.Partitions.SelectMany(p => p.Checks.Where(IsBad).Select(c => (p.Key, Result: c))).Take(20).ToArray();
        foreach (var (key, result) in failures) screen.Line($"{key}: {CheckLines.Sentence(result)}");
        if (failures.Length == 0) foreach (var result in answer.Checks.Where(IsBad)) screen.Line($"all together: {CheckLines.Sentence(result)}");
        if (answer.Quarantined > 0) screen.Line($"{Cells.Plural(answer.Quarantined, "row")} {(answer.Quarantined == 1 ? "breaks" : "break")} the contract (quarantine).");
        if (answer.Reread.Count > 0) screen.Line($"Rows were read again for {string.Join(", ", answer.Reread)}: {(many ? "the figures of the partitions do not add up to theirs" : "it was not known when they were stored")}.");
        screen.MarkupLine(Status(answer) switch
        {
            CheckLines.Passed => "[green]passed[/]",
            CheckLines.Warning => "[yellow]passed, with warnings[/]",
            _ => "[red]failed[/]",
        });
    }

    private static bool IsBad(CheckResult check) => check.Outcome is Outcome.Failed or Outcome.Errored;
}
