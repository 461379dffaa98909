using System.CommandLine;
using Serverless.Access;
using Serverless.Cli.Hosting;

namespace Serverless.Cli.Commands;

/// <summary><c>keys create NAME</c>.</summary>
internal static class KeysCreateCommand
{
    public static CommandSpec Create()
    {
        var name = new Argument<string>("NAME") { Description = "Whose key it is: a person, a program." };
        var scope = new Option<string>("--scope") { Description = "What it opens: predict, operate (and predict), admin (everything).", HelpName = "SCOPE", DefaultValueFactory = _ => "predict" };
        var expires = new Option<string>("--expires") { Description = "How long it is valid, such as 90d. Without it, for ever.", HelpName = "DURATION" };
        var command = new Command("create", "Make a key; it is shown once.") { name, scope, expires };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var lifetime = KeysCommand.Duration("--expires", context.Parsed.GetValue(expires));
            var made = await open.Get<IApiKeyStore>().CreateAsync(context.Parsed.GetRequiredValue(name), [context.Parsed.GetRequiredValue(scope)], lifetime, context.By, context.Cancel);
            KeysCommand.Answer(context, made, open.Get<TimeProvider>().GetUtcNow(), "");
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml keys create check-in", "serverless-ml keys create ops --scope operate --expires 90d"],
        };
    }
}
