using System.CommandLine;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Runs;

namespace Serverless.Cli.Commands;

/// <summary><c>runs compare ID ID</c>: the figures of two runs side by side.</summary>
internal static class RunsCompareCommand
{
    private sealed record Figure(string Name, double? Left, double? Right);

    public static CommandSpec Create()
    {
        var left = new Argument<string>("ID") { Description = "Id of a run." };
        var right = new Argument<string>("ID2") { Description = "Id of another." };
        var command = new Command("compare", "The figures of two runs side by side.") { left, right };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            RunRecord[] runs =
            [
                await RunsCommand.FindAsync(open, context.Parsed.GetRequiredValue(left), context.Cancel),
                await RunsCommand.FindAsync(open, context.Parsed.GetRequiredValue(right), context.Cancel),
            ];
            var figures = Figures(runs[0], runs[1]);
            context.Output.Answer(
                new { runs, figures = figures.Select(f => new { name = f.Name, left = f.Left, right = f.Right, difference = f.Right - f.Left }) },
                screen =>
                {
                    screen.Line($"left:  {runs[0].Id} ({runs[0].Subject})");
                    screen.Line($"right: {runs[1].Id} ({runs[1].Subject})");
                    if (figures.Count == 0) screen.Line("Neither run has figures.");
                    else
                    {
                        var table = Cells.Table("Figure", ">Left", ">Right", ">Difference");
                        foreach (var f in figures) table.Row(f.Name, Cells.Number(f.Left), Cells.Number(f.Right), Cells.Number(f.Right - f.Left));
                        screen.Write(table);
                    }
                });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml runs compare train-20260131120000-abc123 train-20260201120000-def456"],
        };
    }

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
