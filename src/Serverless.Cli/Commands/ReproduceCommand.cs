using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Tracking;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>reproduce RUN</c>: trains again from the record and says whether the result is equal.</summary>
internal static class ReproduceCommand
{
    public static CommandSpec Create()
    {
        var id = new Argument<string>("RUN") { Description = "Id of a training, as 'runs' lists it; also of a refused one." };
        var command = new Command("reproduce", "Train again from what a run recorded, and say whether the result is equal. Stores nothing.") { id };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.All);
            var run = context.Parsed.GetRequiredValue(id);
            var report = await Bars.RunAsync(context.Output, $"Reproducing {run}", 1, bar => open.Get<IReproduction>().ReproduceAsync(run, bar, context.Cancel));
            context.Output.Answer(report, screen => Show(screen, report));
            return report.Equal ? ExitCode.Done : ExitCode.No;
        })
        {
            Examples = ["serverless-ml reproduce train-20260131120000-abc123"],
        };
    }

    private static void Show(IAnsiConsole screen, ReproductionReport report)
    {
        if (report.Impossible is { } why)
        {
            screen.MarkupLine($"[red]Run {Markup.Escape(report.Run)} cannot be reproduced:[/] {Markup.Escape(why)}.");
            return;
        }

        screen.MarkupLine(report.Equal ? $"[green]Equal:[/] {Markup.Escape(report.Model)} came out the same, byte for byte, with the same metrics." : $"[red]Not equal:[/] {Markup.Escape(report.Model)} came out otherwise.");
        screen.Line($"model.zip sha-256 {report.Sha256}");
        Differences(screen, "What came out otherwise", report.Differences, "Recorded", "Now");
        Differences(screen, "Conditions that are not the same now", report.Conditions, "Recorded", "Now");
    }

    public static void Differences(IAnsiConsole screen, string title, IReadOnlyList<RunDifference> differences, string left, string right)
    {
        if (differences.Count == 0) return;
        screen.Line();
        screen.Line(title + ":");
        var table = Cells.Table("", "", left, right);
        foreach (var d in differences) table.Row(d.Area, d.Name, Cells.Cut(d.Left ?? "-", 200), Cells.Cut(d.Right ?? "-", 200));
        screen.Write(table);
    }
}
