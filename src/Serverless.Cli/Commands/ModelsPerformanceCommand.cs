using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Tracking;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>models performance M</c>: a model's metrics over its trainings, by week, with their trend.</summary>
internal static class ModelsPerformanceCommand
{
    private const int Listed = 12;

    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Model of the workspace." };
        var metrics = new Argument<string[]>("METRIC") { Description = "Metrics; without any, that of the gate.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("performance", "A model's metrics over its trainings: week by week, and the trend.") { model, metrics };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var report = await open.Get<IModelPerformance>().ReadAsync(context.Parsed.GetRequiredValue(model), context.Parsed.GetValue(metrics) ?? [], context.Cancel);
            context.Output.Answer(report, screen =>
            {
                foreach (var series in report.Series) Show(screen, series, Math.Clamp((context.Console.Width ?? 80) - 4, 20, 120));
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml models performance flight-delay", "serverless-ml models performance flight-delay auc brier"],
        };
    }

    private static void Show(IAnsiConsole screen, PerformanceSeries series, int width)
    {
        screen.MarkupLine($"[bold]{Markup.Escape(series.Metric)}[/] ({(series.MoreIsBetter ? "more" : "less")} is better), {Cells.Plural(series.Points.Count, "training")}: {Markup.Escape(series.Words)}");
        if (series.Points.Count == 0) return;
        screen.MarkupLine($"  [blue]{Spark.Draw([.. series.Points.Select(p => (double?)p.Value)], _ => false, width).Line}[/]");
        var table = Cells.Table("Week", ">Trainings", ">Max", ">Min", ">Mean", ">Median");
        foreach (var week in series.Weeks.TakeLast(Listed)) table.Row(week.Week, Cells.Count(week.Trainings), Cells.Number(week.Max), Cells.Number(week.Min), Cells.Number(week.Mean), Cells.Number(week.Median));
        screen.Write(table);
        if (series.Weeks.Count > Listed) screen.Line($"and {Cells.Plural(series.Weeks.Count - Listed, "week")} before; --json has all.");
    }
}
