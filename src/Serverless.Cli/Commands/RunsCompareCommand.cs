using System.CommandLine;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Evaluation;
using Serverless.Runs;
using Serverless.Tracking;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>runs compare ID ID</c>: what went into two runs that was not the same, and what came out.</summary>
internal static class RunsCompareCommand
{
    private sealed record Figure(string Name, double? Left, double? Right);

    public static CommandSpec Create()
    {
        var left = new Argument<string>("ID") { Description = "Id of a run." };
        var right = new Argument<string>("ID2") { Description = "Id of another." };
        var command = new Command("compare", "What differed between two runs, and what it changed.") { left, right };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var (a, b) = (context.Parsed.GetRequiredValue(left), context.Parsed.GetRequiredValue(right));
            RunRecord[] runs = [await RunsCommand.FindAsync(open, a, context.Cancel), await RunsCommand.FindAsync(open, b, context.Cancel)];
            var compared = await open.Get<ITrackedRuns>().CompareAsync(a, b, context.Cancel);
            var figures = Figures(runs[0], runs[1]);
            context.Output.Answer(
                new
                {
                    runs, differences = compared.Differences, definition = compared.Definition, metrics = compared.Metrics, notes = compared.Notes,
                    figures = figures.Select(f => new { name = f.Name, left = f.Left, right = f.Right, difference = f.Right - f.Left }),
                },
                screen => Show(screen, runs, compared, figures));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml runs compare train-20260131120000-abc123 train-20260201120000-def456"],
        };
    }

    private static void Show(IAnsiConsole screen, RunRecord[] runs, RunComparison compared, List<Figure> figures)
    {
        screen.Line($"left:  {runs[0].Id} ({runs[0].Subject})");
        screen.Line($"right: {runs[1].Id} ({runs[1].Subject})");
        foreach (var note in compared.Notes) screen.Line(note + ".");
        ReproduceCommand.Differences(screen, "What went in", compared.Differences, "Left", "Right");
        foreach (var file in compared.Definition)
        {
            screen.Line();
            screen.Line($"{file.File}:");
            foreach (var line in file.Lines) screen.MarkupLine($"[{(line[0] == '-' ? "red" : "green")}]{Markup.Escape(line)}[/]");
        }

        screen.Line();
        if (compared.Metrics.Count > 0)
        {
            var table = Cells.Table("Metric", ">Left", ">Right", ">Difference", "Better");
            foreach (var m in compared.Metrics) table.Row(m.Name, With(m.Left, m.LeftInterval), With(m.Right, m.RightInterval), Cells.Number(m.Difference), m.Better ?? "");
            screen.Write(table);
        }
        else if (figures.Count == 0)
        {
            screen.Line("Neither run has figures.");
        }
        else
        {
            var table = Cells.Table("Figure", ">Left", ">Right", ">Difference");
            foreach (var f in figures) table.Row(f.Name, Cells.Number(f.Left), Cells.Number(f.Right), Cells.Number(f.Right - f.Left));
            screen.Write(table);
        }
    }

    private static string With(double? value, MetricInterval? interval) =>
        value is { } v && interval is { } i ? $"{Cells.Number(v)} ± {Cells.Number(Math.Round((i.Upper - i.Lower) / 2, 4))}" : Cells.Number(value);

    private static List<Figure> Figures(RunRecord left, RunRecord right)
    {
        var (a, b) = (Numbers(left), Numbers(right));
        return [.. a.Keys.Union(b.Keys).Select(k => new Figure(k, a.TryGetValue(k, out var x) ? x : null, b.TryGetValue(k, out var y) ? y : null))];
    }

    /// <summary>Every number of the report, by its path: <c>metrics.auc</c>.</summary>
    private static Dictionary<string, double> Numbers(RunRecord run)
    {
        var found = new Dictionary<string, double>(StringComparer.Ordinal);
        if (RunsCommand.Report(run) is { } report) Walk(report, "", found);
        return found;
    }

    private static void Walk(JsonElement element, string path, Dictionary<string, double> found)
    {
        if (element.ValueKind == JsonValueKind.Number) found[path] = element.GetDouble();
        if (element.ValueKind != JsonValueKind.Object) return;
        foreach (var property in element.EnumerateObject()) Walk(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", found);
    }
}
