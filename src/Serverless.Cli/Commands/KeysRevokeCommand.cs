using System.CommandLine;
using Serverless.Access;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;

namespace Serverless.Cli.Commands;

/// <summary><c>keys revoke NAME|ID</c>.</summary>
internal static class KeysRevokeCommand
{
    public static CommandSpec Create()
    {
        var name = new Argument<string>("NAME|ID") { Description = "A name, for all its valid keys; or the id of one." };
        var command = new Command("revoke", "Take a key back for good.") { name };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var revoked = await open.Get<IApiKeyStore>().RevokeAsync(context.Parsed.GetRequiredValue(name), context.By, context.Cancel);
            context.Output.Answer(new { revoked = revoked.Select(k => new { k.Id, k.Name, k.RevokedAt }) },
                screen => screen.Line($"Revoked: {string.Join(", ", revoked.Select(k => $"{k.Name} ({k.Id})"))}. Servers refuse it within a few seconds."));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml keys revoke check-in", "serverless-ml keys revoke 5k2m8x1q"],
        };
    }
}
