using System.CommandLine;
using Serverless.Alerts;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;

namespace Serverless.Cli.Commands;

/// <summary><c>alerts test CHANNEL</c>: a message that says it is a test, now.</summary>
internal static class AlertsTestCommand
{
    public static CommandSpec Create()
    {
        var channel = new Argument<string>("CHANNEL") { Description = "A channel of serverless.yaml." };
        var command = new Command("test", "Send a message that says it is a test through a channel.") { channel };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(channel);
            await using var open = context.Open(Parts.All);
            var id = await open.Get<IAlertWorker>().TestAsync(name, context.Cancel);
            context.Output.Answer(new { channel = name, sent = true, message = id }, screen => screen.Line($"Channel {name} took the message {id}."));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml alerts test team"],
        };
    }
}
