using System.CommandLine;
using System.Globalization;
using System.Text;
using Serverless.Alerts;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>alerts calibrate [--from D] [--to D]</c>: how often would each rule have fired?</summary>
internal static class AlertsCalibrateCommand
{
    private const int ListedAlerts = 5;

    public static CommandSpec Create()
    {
        var from = new Option<string?>("--from") { Description = "First day of the data.", HelpName = "DAY" };
        var to = new Option<string?>("--to") { Description = "Last day of the data.", HelpName = "DAY" };
        var command = new Command("calibrate", "How often each rule would have fired on what was seen, and on which days.") { from, to };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            DateOnly? first = Day(context.Parsed.GetValue(from)), last = Day(context.Parsed.GetValue(to));
            if (first > last) throw new RequestException($"--from {first:yyyy-MM-dd} is after --to {last:yyyy-MM-dd}.");
            var report = await open.Get<ICalibration>().RunAsync(first, last, context.Cancel);
            context.Output.Answer(report, screen => Show(screen, report));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml alerts calibrate", "serverless-ml alerts calibrate --from 2001-01-01 --to 2001-03-31"],
        };
    }

    private static DateOnly? Day(string? text) => text is null ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw new RequestException($"'{text}' is not a day. Write it as 2001-01-31.");

    private static void Show(IAnsiConsole screen, CalibrationReport report)
    {
        if (report.Days == 0)
        {
            screen.Line("There is nothing to look at in that time: no signal was published and no partition was checked.");
            return;
        }

        screen.Line($"{report.From:yyyy-MM-dd} to {report.To:yyyy-MM-dd}: {Cells.Plural(report.Days, "day")} with something to look at, {Cells.Plural(report.Signals, "stored signal")}, {Cells.Plural(report.FromHistory, "result")} of checks from before.");
        foreach (var rule in report.Rules)
        {
            screen.Line();
            screen.MarkupLine($"[bold]{Markup.Escape(rule.Rule)}[/] takes {Cells.Plural(rule.Looks, "signal")}, {Cells.Count(rule.Bad)} of them bad" + (rule.Muted ? "; it is mute." :
                $": fired [bold]{Cells.Count(rule.Fired)}[/] {(rule.Fired == 1 ? "time" : "times")} on {Cells.Plural(rule.Days.Count, "day")}, told people [bold]{Cells.Count(rule.Told)}[/] {(rule.Told == 1 ? "time" : "times")}."));
            if (rule.Fired == 0) continue;
            foreach (var line in Calendar(rule.Days, report.From!.Value, report.To!.Value)) screen.Line("  " + line);
            foreach (var alert in rule.Alerts.Take(ListedAlerts)) screen.Line($"  {Cells.Count(alert.Fired),4} x {alert.Alert}  (the last time: {Cells.Cut(alert.Title, 60)})");
            if (rule.Alerts.Count > ListedAlerts) screen.Line($"       and {rule.Alerts.Count - ListedAlerts} more alerts (--json shows them)");
        }

        if (report.Untaken > 0)
        {
            screen.Line();
            screen.Line($"{Cells.Plural(report.Untaken, "bad signal is", "bad signals are")} taken by no rule.");
        }
    }

    /// <summary>A row for each month that has something, a place for each day: <c>·</c> quiet, a figure for how often it fired (9 for more).</summary>
    internal static IEnumerable<string> Calendar(IReadOnlyList<FiredDay> days, DateOnly from, DateOnly to)
    {
        var fired = days.ToDictionary(d => d.Day, d => d.Fired);
        foreach (var month in days.Select(d => new DateOnly(d.Day.Year, d.Day.Month, 1)).Distinct())
        {
            var line = new StringBuilder();
            for (var day = month; day.Month == month.Month; day = day.AddDays(1))
            {
                line.Append(day < from || day > to ? ' ' : fired.TryGetValue(day, out var n) ? (char)('0' + Math.Min(9, n)) : '·');
                if (day == DateOnly.MaxValue) break;
            }

            yield return $"{month:yyyy-MM}  {line}  {string.Join(' ', days.Where(d => d.Day.Year == month.Year && d.Day.Month == month.Month).Take(8).Select(d => d.Day.Day.ToString("00", CultureInfo.InvariantCulture)))}{(days.Count(d => d.Day.Year == month.Year && d.Day.Month == month.Month) > 8 ? " …" : "")}";
        }
    }
}
