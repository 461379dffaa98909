using System.CommandLine;
using Serverless.Alerts;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Datasets;
using Serverless.Problems;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>alerts</c>: what fires, what fired; and its subcommands.</summary>
internal static class AlertsCommand
{
    public static CommandSpec Create()
    {
        var all = new Option<bool>("--all") { Description = "Also those that are over since more than 30 days." };
        var command = new Command("alerts", "What is wrong now and what was; show, acknowledge, test a channel, calibrate the rules.") { all };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var long_ago = open.Get<TimeProvider>().GetUtcNow() - TimeSpan.FromDays(30);
            var alerts = (await open.Get<IAlerts>().ListAsync(context.Cancel)).Where(a => context.Parsed.GetValue(all) || a.ResolvedAt is not { } over || a.Status == AlertStatus.Firing || over > long_ago).ToArray();
            context.Output.Answer(new { firing = alerts.Count(a => a.Status == AlertStatus.Firing), alerts = alerts.Select(Summary), channels = Routes(open.Workspace.Alerts) },
                screen => Show(screen, alerts, open.Workspace.Alerts));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml alerts", "serverless-ml alerts show flights-check-3f2a91", "serverless-ml alerts test team", "serverless-ml alerts calibrate --from 2001-01-01"],
            Subcommands = [AlertsShowCommand.Create(), AlertsChangeCommand.Acknowledge(), AlertsChangeCommand.Retry(), AlertsTestCommand.Create(), AlertsCalibrateCommand.Create()],
        };
    }

    /// <summary>The alert, or an error that says where to look.</summary>
    public static async Task<Alert> FindAsync(OpenWorkspace open, string id, CancellationToken cancel) => await open.Get<IAlerts>().FindAsync(id, cancel)
        ?? throw new RequestException($"there is no alert '{id}'.{Suggest.Hint(id, (await open.Get<IAlerts>().ListAsync(cancel)).Select(a => a.Id).Take(20))} 'serverless-ml alerts' lists them.");

    public static object Summary(Alert a) => new
    {
        id = a.Id, status = a.Status, severity = a.Severity, title = AlertText.Title(a), rule = a.Rule, kind = a.Kind, subject = a.Subject, since = a.FirstSeen, lastSeen = a.LastSeen, firedAt = a.FiredAt,
        resolvedAt = a.ResolvedAt, count = a.Count, episodes = a.Episodes, acknowledged = a.Acknowledged, incident = a.Incident,
        waiting = a.Notifications.Count(n => n.Status == NotificationStatus.Waiting), failed = a.Notifications.Count(n => n.Status == NotificationStatus.Failed),
    };

    public static string Status(Alert alert) => alert.Status switch
    {
        AlertStatus.Firing => alert.Acknowledged is null ? "[red]firing[/]" : "[yellow]in hand[/]",
        AlertStatus.Pending => "pending",
        _ => "[green]over[/]",
    };

    public static string Word(Severity severity) => severity.ToString().ToLowerInvariant();

    private static object Routes(AlertSettings settings) => settings.Channels.Values.Select(c => new
    {
        name = c.Name, kind = c.Kind, severities = settings.Routes.Where(r => r.Value.Contains(c.Name)).Select(r => r.Key).Order(),
    });

    private static void Show(IAnsiConsole screen, IReadOnlyList<Alert> alerts, AlertSettings settings)
    {
        if (alerts.Count == 0) screen.Line("Nothing fires, and nothing has.");
        else
        {
            var table = Cells.Table("Alert", "", "Severity", "Last bad look (UTC)", "What");
            foreach (var alert in alerts)
            {
                table.Marked(Markup.Escape(alert.Id), Status(alert), Word(alert.Severity), Cells.Time(alert.LastSeen)[..16], Markup.Escape(Cells.Cut(AlertText.Title(alert), 60)));
            }

            screen.Write(table);
        }

        foreach (var alert in alerts)
        {
            foreach (var failed in alert.Notifications.Where(n => n.Status == NotificationStatus.Failed))
            {
                screen.MarkupLine($"[red]{Markup.Escape(alert.Id)} was not told to {Markup.Escape(failed.Channel)}:[/] {Markup.Escape(failed.Error ?? "")}. 'serverless-ml alerts retry {Markup.Escape(alert.Id)}' sends it again.");
            }

            foreach (var waiting in alert.Notifications.Where(n => n.Status == NotificationStatus.Waiting && n.Attempts > 0))
            {
                screen.Line($"{alert.Id}: channel {waiting.Channel} did not take the message yet ({Cells.Plural(waiting.Attempts, "attempt")}): {waiting.Error}");
            }
        }

        screen.Line("Told: " + string.Join("; ", settings.Routes.OrderBy(r => r.Key).Select(r => $"{Word(r.Key)} -> {(r.Value.Count == 0 ? "nobody" : string.Join(", ", r.Value))}")) + ".");
    }
}
