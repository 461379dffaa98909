using System.CommandLine;
using Serverless.Access;
using Serverless.Cli.Hosting;

namespace Serverless.Cli.Commands;

/// <summary><c>keys rotate NAME</c>: two keys are valid for a while, so that nobody is locked out while the new one is brought to its place.</summary>
internal static class KeysRotateCommand
{
    public static CommandSpec Create()
    {
        var name = new Argument<string>("NAME") { Description = "Whose key is replaced." };
        var overlap = new Option<string>("--overlap") { Description = "How long the present key stays valid beside the new one.", HelpName = "DURATION", DefaultValueFactory = _ => "7d" };
        var expires = new Option<string>("--expires") { Description = "How long the new one is valid. Without it, as long as the present one was.", HelpName = "DURATION" };
        var command = new Command("rotate", "Make the next key; the present one stays valid for a while.") { name, overlap, expires };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var both = KeysCommand.Duration("--overlap", context.Parsed.GetRequiredValue(overlap))!.Value;
            var lifetime = KeysCommand.Duration("--expires", context.Parsed.GetValue(expires));
            var made = await open.Get<IApiKeyStore>().RotateAsync(context.Parsed.GetRequiredValue(name), both, lifetime, context.By, context.Cancel);
            var now = open.Get<TimeProvider>().GetUtcNow();
            KeysCommand.Answer(context, made, now, $" The present one is {KeysCommand.Ends(now + both, now)}.");
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml keys rotate check-in", "serverless-ml keys rotate check-in --overlap 1d --expires 90d"],
        };
    }
}
