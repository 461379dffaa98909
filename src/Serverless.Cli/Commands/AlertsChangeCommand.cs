using System.CommandLine;
using Serverless.Alerts;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;

namespace Serverless.Cli.Commands;

/// <summary><c>alerts acknowledge ID</c> and <c>alerts retry ID</c>.</summary>
internal static class AlertsChangeCommand
{
    public static CommandSpec Acknowledge()
    {
        var comment = new Option<string?>("--comment", "-c") { Description = "What you know or do.", HelpName = "TEXT" };
        return Create("acknowledge", "Say that you look after it: no reminders until it is over or worse.", comment,
            (context, alerts, id) => alerts.AcknowledgeAsync(id, context.By, context.Parsed.GetValue(comment), context.Cancel),
            alert => $"{alert.Id}: {alert.Acknowledged?.By} looks after it.", "serverless-ml alerts acknowledge flights-check-3f2a91 --comment \"asked the airport\"");
    }

    public static CommandSpec Retry() => Create("retry", "Send what could not be sent once more, at the next tick or now.", null,
        (context, alerts, id) => alerts.RetryAsync(id, context.Cancel),
        alert => $"{alert.Id}: {string.Join(", ", alert.Notifications.TakeLast(5).Select(n => $"{n.Channel} {n.Status.ToString().ToLowerInvariant()}"))}.", "serverless-ml alerts retry flights-check-3f2a91");

    private static CommandSpec Create(string name, string description, Option<string?>? option, Func<CommandContext, IAlerts, string, Task<Alert>> change, Func<Alert, string> said, string example)
    {
        var id = new Argument<string>("ID") { Description = "Id of an alert, or its beginning." };
        var command = new Command(name, description) { id };
        if (option is not null) command.Add(option);
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.All);
            var found = await AlertsCommand.FindAsync(open, context.Parsed.GetRequiredValue(id), context.Cancel);
            var alert = await change(context, open.Get<IAlerts>(), found.Id);
            if (option is null)
            {
                await open.Get<IAlertWorker>().FinishAsync(context.Cancel);
                alert = await AlertsCommand.FindAsync(open, alert.Id, context.Cancel);
            }

            context.Output.Answer(new { alerts = new[] { AlertsCommand.Summary(alert) } }, screen => screen.Line(said(alert)));
            return ExitCode.Done;
        })
        {
            Examples = [example],
        };
    }
}
