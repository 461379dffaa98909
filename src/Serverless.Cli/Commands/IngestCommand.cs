using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Partitions;
using Serverless.Problems;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>ingest DATASET FILE...</c>: drops become checked, versioned partitions.</summary>
internal static class IngestCommand
{
    private const int ListedDrops = 20;

    public static CommandSpec Create()
    {
        var dataset = new Argument<string>("DATASET") { Description = "Dataset that the files belong to." };
        var files = new Argument<string[]>("FILE") { Description = "CSV, TSV, JSON Lines or Parquet, each also with .gz.", Arity = ArgumentArity.OneOrMore };
        var append = new Option<bool>("--append") { Description = "A file of a name seen before adds to what that file brought, instead of correcting it." };
        var command = new Command("ingest", "Store files as checked, versioned partitions. The same bytes again change nothing.") { dataset, files, append };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(dataset);
            await using var open = context.Open(Parts.All);
            open.Workspace.Dataset(name);
            var drops = DropFiles.Find(context, context.Parsed.GetRequiredValue(files));
            IReadOnlyList<DropReport> reports;
            try
            {
                reports = await Ingestion.RunAsync(open, name, drops, context.By, context.Parsed.GetValue(append), context.Output, context.Cancel);
            }
            finally
            {
                await open.Get<Alerts.IAlertWorker>().FinishAsync(context.Cancel);
            }

            context.Output.Answer(new { drops = reports }, screen => Show(screen, name, reports));
            return reports.Any(r => r.Status == DropStatus.Rejected) ? ExitCode.No : ExitCode.Done;
        })
        {
            Examples = ["serverless-ml ingest flights drops/2001-01-05.csv.gz", "serverless-ml ingest flights drops/*.csv.gz"],
        };
    }

    private static void Show(IAnsiConsole screen, string dataset, IReadOnlyList<DropReport> reports)
    {
        var listed = reports.Count <= ListedDrops ? reports : reports.Where(r => r.Status != DropStatus.Stored || r.Quarantined > 0 || r.Failed.Count > 0 || r.Remarks.Count > 0 || Columns(r) is not null).ToArray();
        if (listed.Count > 0)
        {
            var table = Cells.Table("Drop", "", ">Partitions", ">Rows", ">Quarantined");
            foreach (var report in listed)
            {
                table.Marked(Markup.Escape(Cells.Cut(Path.GetFileName(report.File), 32)), Status(report.Status), Cells.Count(report.Partitions.Count),
                    Cells.Count(report.Partitions.Sum(p => p.Rows)), Cells.Count(report.Quarantined));
            }

            screen.Write(table);
        }

        if (listed.Count < reports.Count) screen.Line($"{Cells.Plural(reports.Count - listed.Count, "other drop")} stored without a remark.");
        foreach (var report in reports.Where(r => r.Status == DropStatus.Rejected)) screen.MarkupLine($"[red]{Markup.Escape(Path.GetFileName(report.File))} was rejected:[/] {Markup.Escape(report.Reason ?? "")}");
        foreach (var report in reports)
        {
            foreach (var failed in report.Failed) screen.MarkupLine($"[yellow]{Markup.Escape(Path.GetFileName(report.File))}:[/] {Markup.Escape(CheckLines.Sentence(failed))}");
            foreach (var remark in report.Remarks) screen.MarkupLine($"[yellow]{Markup.Escape(Path.GetFileName(report.File))}:[/] {Markup.Escape(remark)}");
            if (Columns(report) is { } columns) screen.MarkupLine($"[yellow]{Markup.Escape(Path.GetFileName(report.File))}:[/] {Markup.Escape(columns)}");
        }

        var stored = reports.Where(r => r.Status == DropStatus.Stored).ToArray();
        var duplicates = reports.Count(r => r.Status == DropStatus.Duplicate);
        screen.Line($"{dataset}: {Cells.Plural(stored.Sum(r => r.Partitions.Sum(p => p.Rows)), "row")} in {Cells.Plural(stored.Sum(r => r.Partitions.Count), "partition")} stored"
            + (duplicates > 0 ? $"; {Cells.Plural(duplicates, "drop")} there already" : "")
            + (reports.Sum(r => r.Quarantined) is > 0 and var bad ? $"; {Cells.Plural(bad, "row")} in quarantine" : "") + ".");
    }

    /// <summary>How the drop's columns differ from the contract's; null when they are the same.</summary>
    private static string? Columns(DropReport report)
    {
        string[] parts =
        [
            .. report.NotStored.Count == 0 ? [] : new[] { $"Not in the contract, so not stored: {string.Join(", ", report.NotStored)}." },
            .. report.Absent.Count == 0 ? [] : new[] { $"In the contract, but not in the drop, so empty: {string.Join(", ", report.Absent)}." },
            .. report.Absent.Select(a => (Absent: a, Close: Suggest.Closest(a, report.NotStored))).Where(m => m.Close is not null).Select(m => $"Is '{m.Close}' meant to be '{m.Absent}'? Rename it in the drop."),
        ];
        return parts.Length == 0 ? null : string.Join(' ', parts);
    }

    private static string Status(DropStatus status) => status switch
    {
        DropStatus.Stored => "[green]stored[/]",
        DropStatus.Duplicate => "duplicate",
        _ => "[red]rejected[/]",
    };
}
