using System.Globalization;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Explanations;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>explain MODEL --dependence COLUMN</c>: the mean answer by value, and between which answers the middle 80% of single rows lie.</summary>
internal static class DependenceLines
{
    /// <summary>Rows whose curves are looked at where nobody says how many.</summary>
    public const int Curves = 200;

    private const int BarWidth = 20;

    public static async Task<int> RunAsync(CommandContext context, OpenWorkspace open, ServedModel served, string name, DependenceOptions options)
    {
        var all = await Bars.RunAsync(context.Output, $"Looking at {served.Name}", 1, _ => open.Get<IGlobalExplanations>().OfAsync(served.Pipeline, options, context.Cancel));
        var found = all.Dependence.Where(d => d.Variable == name).DefaultIfEmpty(all.Dependence.FirstOrDefault(d => d.Column == name)).First()
            ?? throw new RequestException($"model '{served.Name}' has no column '{name}' whose values can be tried.{Suggest.Hint(name, all.Dependence.Select(d => d.Variable))}");
        context.Output.Answer(new { all.Model, all.Version, all.Rows, all.Part, dependence = found }, screen => Show(screen, served, all, found));
        return ExitCode.Done;
    }

    private static void Show(IAnsiConsole screen, ServedModel served, GlobalExplanation all, Dependence found)
    {
        var output = Math.Max(0, found.Outputs.ToList().IndexOf(found.CurvesOf ?? ""));
        var (least, most) = (found.Points.Min(p => p.Answers[output]), found.Points.Max(p => p.Answers[output]));
        screen.Line($"{Cells.Cut(found.Variable, 30)}{(found.Unit is { } unit ? $" ({unit})" : "")}: mean {Cells.Cut(found.Outputs[output], 30)} when all rows have the value.");
        var table = Cells.Table("Value", ">Rows", ">Mean", "", ">10% of rows", ">90% of rows");
        for (var i = 0; i < found.Points.Count; i++)
        {
            var (point, at) = (found.Points[i], i);
            var rows = found.Curves.Select(c => c[at]).Order().ToArray();
            var bar = new string('█', most > least ? (int)Math.Round(BarWidth * (point.Answers[output] - least) / (most - least)) : 0);
            table.Row(Cells.Cut(point.Value, 18), point.Share.ToString("0.0%", CultureInfo.InvariantCulture), Cells.Number(point.Answers[output]), bar.PadRight(BarWidth), Cells.Number(Quantile(rows, 0.1)), Cells.Number(Quantile(rows, 0.9)));
        }

        screen.Write(table);
        screen.Line($"{Cells.Cut(served.Name, 40)} version {served.Version}, on {Cells.Plural(Math.Min(all.Rows, DependenceOptions.MostCurves), "row")} of its {all.Part} rows.");
        if (served.Schema.Task == TaskKind.Multiclass) screen.Line($"Other classes: --class NAME ({Cells.Cut(string.Join(", ", found.Outputs), 50)}).");
    }

    // Nearest rank: always the answer of a row.
    private static double Quantile(double[] sorted, double p) => sorted.Length == 0 ? double.NaN : sorted[(int)Math.Round(p * (sorted.Length - 1))];
}
