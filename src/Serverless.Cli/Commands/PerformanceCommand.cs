using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Feedback;
using Serverless.Performance;
using Serverless.Problems;
using Serverless.Runs;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>performance MODEL</c>: joins what feedback there is, and shows how the model did on what came true.</summary>
internal static class PerformanceCommand
{
    private const int Listed = 14;

    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Model of the workspace." };
        var days = new Option<int>("--days") { Description = "Days that are shown, the newest.", DefaultValueFactory = _ => 90 };
        var command = new Command("performance", "How a model does on what came true: joins feedback, shows metrics by day.") { model, days };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.All);
            var name = open.Workspace.Model(context.Parsed.GetRequiredValue(model)).Name;
            if (open.Workspace.Models.Count > 1) await RunAsync(context, open, FeedbackStreams.Unassigned);
            await RunAsync(context, open, name);
            var outcomes = await open.Get<IPerformance>().ReadAsync(name, context.Parsed.GetValue(days), context.Cancel);
            context.Output.Answer(outcomes, screen => Show(screen, outcomes));
            return outcomes.Summary?.Drift?.Drifted == true ? ExitCode.No : ExitCode.Done;
        })
        {
            Examples = ["serverless-ml performance flight-delay", "serverless-ml performance flight-delay --days 7 --json"],
        };
    }

    private static async Task RunAsync(CommandContext context, OpenWorkspace open, string stream)
    {
        var engine = open.Get<IRunEngine>();
        var id = await engine.StartAsync(new FeedbackState { Model = stream, Reason = "asked for on the command line", By = context.By }, cancel: context.Cancel);
        var run = await Bars.RunAsync(context.Output, $"Joining feedback of {stream}", 1, bar => engine.DriveAsync(id, bar, context.Cancel));
        if (run.Status != RunStatus.Done) throw new DataException($"{run.Reason} (run {run.Id})");
    }

    private static void Show(IAnsiConsole screen, ModelOutcomes outcomes)
    {
        ShowEstimates(screen, outcomes);
        if (outcomes.Summary is not { } summary || (outcomes.Days.Count == 0 && summary.Unmatched.Events == 0))
        {
            screen.Line($"Nothing is known of what came true yet: send feedback (serverless-ml feedback {outcomes.Model} FILE, or POST /v1/feedback).");
            return;
        }

        if (outcomes.Days.Count > 0)
        {
            screen.Line(string.Create(CultureInfo.InvariantCulture, $"Predictions from {summary.From.UtcDateTime:yyyy-MM-dd} to {summary.To.UtcDateTime:yyyy-MM-dd}, by version and variant:"));
            screen.Write(Table(summary.Metric, summary.Groups.Select(g => (Day: "", Group: g)), withDay: false));
            screen.Line("By day of the prediction:");
            screen.Write(Table(summary.Metric, outcomes.Days.TakeLast(Listed).SelectMany(d => d.Groups.Select(g => (d.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), g))), withDay: true));
        }

        if (summary.Drift is { } drift) screen.MarkupLine(drift.Drifted ? $"[red]{Markup.Escape(drift.Message)}[/]" : Markup.Escape(drift.Message));
        foreach (var odd in summary.Anomalies.Where(a => a.Anomalous)) screen.Line($"{odd.Period}: {odd.Metric} {Cells.Number(odd.Value)} does not fit the days before ({odd.Strategy}).");
        if (summary.Unmatched.Waiting > 0)
        {
            screen.Line($"{Cells.Plural(summary.Unmatched.Waiting, "piece")} of feedback found no prediction yet{(summary.Unmatched.Overdue > 0 ? $", {Cells.Count(summary.Unmatched.Overdue)} for more than a day" : "")}: {string.Join(", ", summary.Unmatched.Examples.Take(3))}.");
        }
    }

    private static void ShowEstimates(IAnsiConsole screen, ModelOutcomes outcomes)
    {
        if (outcomes.Summary?.Metric is not { } metric || outcomes.Estimates.Count == 0) return;
        screen.Line($"{metric}, estimated before labels came (95 % interval), and realised where they did:");
        var table = Cells.Table("Day", ">Version", "Variant", ">Rows", ">Estimated", "Interval", ">Labels", ">Realised");
        foreach (var row in outcomes.Estimates.TakeLast(Listed))
        {
            var found = row.Metrics.GetValueOrDefault(metric);
            table.Row(row.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), row.Version.ToString(CultureInfo.InvariantCulture), row.Variant, Cells.Count(row.Rows), Cells.Number(found?.Estimated),
                found?.Lower is { } lower ? $"{Cells.Number(lower)} to {Cells.Number(found.Upper)}" : "", Cells.Count(row.Labelled), Cells.Number(found?.Realised));
        }

        screen.Write(table);
        if (outcomes.EstimateError.GetValueOrDefault(metric) is { } record) screen.Line($"Estimates were off by {Cells.Number(record.MeanAbsoluteError)} on average over {Cells.Plural(record.Days, "day")} with labels.");
        foreach (var warning in outcomes.Warnings) screen.MarkupLine($"[yellow]warning:[/] {Markup.Escape(warning)}");
    }

    private static Table Table(string metric, IEnumerable<(string Day, RealisedGroup Group)> groups, bool withDay)
    {
        var table = withDay ? Cells.Table("Day", ">Version", "Variant", ">Labels", $">{metric}", ">Seen", ">Used", ">Accepted") : Cells.Table("Variant", ">Version", ">Labels", $">{metric}", ">Seen", ">Used", ">Accepted");
        foreach (var (day, g) in groups)
        {
            string[] cells = [Cells.Count(g.Labelled), g.Metrics.TryGetValue(metric, out var value) ? Cells.Number(value) : "", Cells.Count(g.Seen), Cells.Count(g.Used), g.Acceptance is { } a ? a.ToString("0.0 %", CultureInfo.InvariantCulture) : ""];
            var version = g.Version.ToString(CultureInfo.InvariantCulture);
            if (withDay) table.Row([day, version, g.Variant, .. cells]);
            else table.Row([g.Variant, version, .. cells]);
        }

        return table;
    }
}
