using System.CommandLine;
using Serverless.Alerts;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>alerts show ID</c>: everything about one alert.</summary>
internal static class AlertsShowCommand
{
    public static CommandSpec Create()
    {
        var id = new Argument<string>("ID") { Description = "Id of an alert, or its beginning." };
        var command = new Command("show", "Everything about an alert: its signals, and who was told.") { id };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var alert = await AlertsCommand.FindAsync(open, context.Parsed.GetRequiredValue(id), context.Cancel);
            var now = open.Get<TimeProvider>().GetUtcNow();
            context.Output.Answer(new { alerts = new[] { alert with { Seen = [] } } }, screen => Show(screen, alert, now));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml alerts show flights-check-3f2a91"],
        };
    }

    private static void Show(IAnsiConsole screen, Alert alert, DateTimeOffset now)
    {
        screen.MarkupLine($"{AlertsCommand.Status(alert)} {Markup.Escape(AlertText.Title(alert))}");
        screen.Line(AlertText.Circumstances(alert, now));
        screen.Line($"Rule {alert.Rule}{(alert.Incident is { } incident ? $", incident {incident}" : "")}.");
        screen.Line();
        foreach (var detail in AlertText.Details(alert)) screen.Line($"  {detail}");
        screen.Line();
        if (alert.Notifications.Count > 0)
        {
            var table = Cells.Table("Told (UTC)", "Channel", "What", "", "Remark");
            foreach (var n in alert.Notifications)
            {
                table.Marked(Cells.Time(n.SentAt ?? n.CreatedAt), Markup.Escape(n.Channel), n.Kind.ToString().ToLowerInvariant(), Status(n), Markup.Escape(Cells.Cut(n.Error, 60)));
            }

            screen.Write(table);
        }

        foreach (var next in AlertText.Next(alert).Where(n => !n.Command.Contains("alerts show", StringComparison.Ordinal))) screen.Line($"{next.What}: {next.Command}");
    }

    private static string Status(Notification n) => n.Status switch
    {
        NotificationStatus.Sent => "[green]sent[/]",
        NotificationStatus.Failed => "[red]given up[/]",
        NotificationStatus.Superseded => "over before",
        _ => n.Attempts == 0 ? "waits" : $"[yellow]waits after {n.Attempts}[/]",
    };
}
