using System.Globalization;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Explanations;
using Serverless.Scoring;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>explain MODEL --global</c>.</summary>
internal static class GlobalLines
{
    private const int ShownColumns = 20;

    public static async Task<int> RunAsync(CommandContext context, OpenWorkspace open, ServedModel served, DependenceOptions options)
    {
        var found = await Bars.RunAsync(context.Output, $"Looking at {served.Name}", 1, _ => open.Get<IGlobalExplanations>().OfAsync(served.Pipeline, options, context.Cancel));
        context.Output.Answer(found, screen => Show(screen, found));
        return ExitCode.Done;
    }

    private static void Show(IAnsiConsole screen, GlobalExplanation found)
    {
        screen.Line($"What moves {Cells.Cut(found.Model, 50)} version {found.Version}:");
        screen.Line($"mean |contribution| ({found.Method}, {ExplanationWriter.Word(found.Scale)}),");
        screen.Line(found.Metric is null ? "on rows without labels." : $"and what {found.Metric} loses when a column's values are exchanged between rows.");
        screen.Line();
        foreach (var c in found.Columns.Take(ShownColumns))
        {
            var bar = new string('█', (int)Math.Round(14 * c.Share / Math.Max(1e-12, found.Columns[0].Share)));
            screen.MarkupLine($"  {Markup.Escape(Cells.Cut(c.Column, 16).PadRight(16))} [yellow]{bar.PadRight(14)}[/] {c.Share.ToString("0.0%", CultureInfo.InvariantCulture),6} {Cells.Number(c.MeanContribution),8}{Drop(c)}");
        }

        if (found.Columns.Count > ShownColumns) screen.Line($"  ... and {found.Columns.Count - ShownColumns} columns that matter less (--json shows all).");
        screen.Line();
        var agreement = found.Tree.Agreement is { } same ? $", the same prediction for {same.ToString("0.0%", CultureInfo.InvariantCulture)}" : "";
        screen.Line($"A small tree that imitates it, on rows it did not see:");
        screen.Line($"  R2 {Cells.Number(found.Tree.R2)}{agreement}.");
        foreach (var line in found.Tree.Lines) screen.Line("  " + Cells.Cut(line, 78));
        screen.Line();
        screen.Line($"On {Cells.Plural(found.Rows, "row")} of its {found.Part} rows. Dependence by value: --dependence COLUMN,");
        screen.Line($"--json, or the page (serverless-ml report {Cells.Cut(found.Model, 40)}).");
    }

    private static string Drop(ColumnImportance c) => c.Drop is null ? "" :
        string.Create(CultureInfo.InvariantCulture, $"  {c.Drop:+0.0000;-0.0000} [[{c.Low:0.0000}, {c.High:0.0000}]]");
}
