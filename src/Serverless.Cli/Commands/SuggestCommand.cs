using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Suggestions;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>suggest FILE|DATASET</c>: checks that the data give reason for, tried on held-out rows; on request written into the dataset file.</summary>
internal static class SuggestCommand
{
    public static CommandSpec Create()
    {
        var subject = new Argument<string>("FILE|DATASET") { Description = "Any CSV, JSON Lines or Parquet file, or a dataset of the workspace." };
        var holdout = new Option<double>("--holdout") { Description = "Share of the rows (of a file) or of the last partitions (of a dataset) to try the suggestions on.", HelpName = "SHARE", DefaultValueFactory = _ => 0.2 };
        var write = new Option<bool>("--write") { Description = "Show what would change in the dataset file, ask, and write it." };
        var yes = new Option<bool>("--yes", "-y") { Description = "With --write: do not ask." };
        var dataset = new Option<string?>("--dataset", "-d") { Description = "With --write and a file: name of the new dataset.", HelpName = "NAME" };
        var command = new Command("suggest", "Checks that the data give reason for, with the evidence, tried on rows held out.") { subject, holdout, write, yes, dataset };
        return new CommandSpec(command, async context =>
        {
            var word = context.Parsed.GetRequiredValue(subject);
            var share = context.Parsed.GetValue(holdout);
            if (share is not (>= 0 and <= 0.9)) throw new RequestException($"--holdout {share.ToString(System.Globalization.CultureInfo.InvariantCulture)}: expected a share from 0 to 0.9.");
            var (writes, name) = (context.Parsed.GetValue(write), context.Parsed.GetValue(dataset));
            if (!writes && (name is not null || context.Parsed.GetValue(yes))) throw new RequestException("--dataset and --yes belong to --write.");
            var path = context.FullPath(word);
            return File.Exists(path) ? await FileAsync(context, path, word, share, writes, name, context.Parsed.GetValue(yes))
                : await DatasetAsync(context, word, share, writes, name, context.Parsed.GetValue(yes));
        })
        {
            Examples = ["serverless-ml suggest new.csv", "serverless-ml suggest new.csv --write --dataset sales", "serverless-ml suggest flights --write"],
        };
    }

    private static async Task<int> FileAsync(CommandContext context, string path, string word, double holdout, bool write, string? name, bool yes)
    {
        using var alone = StandaloneEngine.Create();
        var report = await Bars.RunAsync(context.Output, $"Reading {Path.GetFileName(path)}", 1, _ => alone.Suggester.ForFileAsync(path, holdout, context.Cancel));
        if (!write)
        {
            Answer(context, word, report, null, false);
            return ExitCode.Done;
        }

        if (name is null) throw new RequestException($"'{word}' is a file: say with --dataset NAME what the new dataset is called.");
        var folder = context.WorkspaceFolder();
        return SuggestionWriting.Finish(context, SuggestionWriting.NewFile(folder, name, Path.GetFileName(path), report), yes, (edit, written) => Answer(context, word, report, edit, written));
    }

    private static async Task<int> DatasetAsync(CommandContext context, string word, double holdout, bool write, string? name, bool yes)
    {
        await using var open = context.Open(Parts.All);
        if (Subject.File(context, word, () => open.Workspace.Datasets.Keys) is not null || name is not null) throw new RequestException("--dataset names a new dataset for a file; a dataset's own file is known.");
        var definition = open.Workspace.Dataset(word);
        var before = SuggestionWriting.Read(open.Workspace.Root, definition.File);
        var partitions = await Subject.PartitionsAsync(open, word, null, null, context.Cancel);
        var report = await Bars.RunAsync(context.Output, $"Reading {word}", 1,
            _ => open.Get<ISuggester>().ForDatasetAsync(definition, partitions, open.Get<IObjectStore>(), holdout, context.Cancel));
        if (!write)
        {
            Answer(context, word, report, null, false);
            return ExitCode.Done;
        }

        return SuggestionWriting.Finish(context, SuggestionWriting.Changed(open.Workspace.Root, definition.File, before, report), yes, (edit, written) => Answer(context, word, report, edit, written));
    }

    private static void Answer(CommandContext context, string subject, SuggestionReport report, FileEdit? edit, bool written) => context.Output.Answer(
        new
        {
            rows = report.Rows,
            heldOut = report.HeldOut,
            suggestions = report.Suggestions,
            columns = report.Columns.Count == 0 ? null : report.Columns.Select(c => new { name = c.Name, type = c.Type }),
            partition = report.Partition is null ? null : new { column = report.Partition.Column, grain = report.Partition.Grain, evidence = report.Partition.Evidence, yaml = report.Partition.Yaml },
            file = edit?.File,
            diff = edit is null ? null : string.Join('\n', edit.Diff),
            written = edit is null ? (bool?)null : written,
        },
        screen => Show(screen, subject, report));

    private static void Show(IAnsiConsole screen, string subject, SuggestionReport report)
    {
        screen.Line($"{subject}: {Cells.Plural(report.Suggestions.Count, "suggestion")} from {Cells.Plural(report.Rows, "row")}"
            + (report.HeldOut > 0 ? $", tried on {Cells.Plural(report.HeldOut, "row")} held out" : ", tried on none: too few") + ".");
        if (report.Partition is { } guess) screen.Line($"partition: {guess.Yaml}   a guess: {guess.Evidence}");
        foreach (var group in report.Suggestions.GroupBy(s => s.Column ?? "all rows"))
        {
            screen.Line();
            screen.MarkupLine($"[bold]{Markup.Escape(group.Key)}[/]");
            foreach (var s in group)
            {
                screen.MarkupLine($"{(s.Passed ? "[green]+[/]" : "[red]x[/]")} {Markup.Escape(Cells.Cut(s.Yaml, 160))}");
                screen.MarkupLine($"    [dim]{Markup.Escape(s.Evidence)}[/]");
                if (s.Holdout is { Passed: false } bad)
                {
                    screen.MarkupLine($"    [red]not on the rows held out: {Markup.Escape(bad.Message ?? Cells.Number(bad.Value))}{(bad.Partitions > 1 ? $" ({bad.Failed} of {bad.Partitions} partitions)" : "")}[/]");
                }
            }
        }
    }
}
