using System.CommandLine;
using Serverless.Access;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Workspaces;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>keys</c>: who may call the API; and its subcommands. Keys of serverless.yaml are listed beside those of the store.</summary>
internal static class KeysCommand
{
    public static CommandSpec Create()
    {
        var all = new Option<bool>("--all") { Description = "Also those that are expired or revoked." };
        var command = new Command("keys", "Who may call the API; create, rotate, revoke.") { all };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var now = open.Get<TimeProvider>().GetUtcNow();
            var keys = open.Get<Workspace>().ApiKeys.Select(k => new KeyLine(null, k.Name, k.Scopes, null, k.ExpiresAt, k.ExpiresAt <= now ? KeyStatus.Expired : KeyStatus.Valid))
                .Concat((await open.Get<IApiKeyStore>().ListAsync(context.Cancel)).Select(k => KeyLine.Of(k, now)))
                .Where(k => k.Status == KeyStatus.Valid || context.Parsed.GetValue(all)).ToArray();
            context.Output.Answer(new { keys }, screen => Show(screen, keys));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml keys", "serverless-ml keys create check-in --scope predict --expires 365d", "serverless-ml keys rotate check-in --overlap 7d", "serverless-ml keys revoke check-in"],
            Subcommands = [KeysCreateCommand.Create(), KeysRotateCommand.Create(), KeysRevokeCommand.Create()],
        };
    }

    /// <summary>A duration as people type it.</summary>
    public static TimeSpan? Duration(string option, string? text) => text is null ? null
        : Durations.TryParse(text, out var value) ? value : throw new RequestException($"{option} must be a duration such as 90d, 12h or 15m, not '{text}'.");

    /// <summary>The key, this once.</summary>
    public static void Answer(CommandContext context, NewApiKey made, DateTimeOffset now, string more) =>
        context.Output.Answer(new { key = made.Key, made.Record.Id, made.Record.Name, made.Record.Scopes, made.Record.ExpiresAt }, screen =>
        {
            screen.Line(made.Key);
            screen.Line($"This is the key of '{made.Record.Name}' ({string.Join(", ", made.Record.Scopes)}), {Ends(made.Record.ExpiresAt, now)}. It is shown this once and stored nowhere; only its hash is.");
            screen.Line($"Servers take it within a few seconds.{more}");
        });

    public static string Ends(DateTimeOffset? expires, DateTimeOffset now) => expires is not { } at ? "without end" : at <= now ? "over" : $"valid until {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC";

    private static void Show(IAnsiConsole screen, IReadOnlyList<KeyLine> keys)
    {
        if (keys.Count == 0)
        {
            screen.Line("There are no keys: the API answers on this machine only.");
            return;
        }

        var table = Cells.Table("Name", "Id", "Scopes", "Until", "");
        foreach (var k in keys)
        {
            table.Marked(Markup.Escape(k.Name), k.Id ?? "(in serverless.yaml)", string.Join(", ", k.Scopes), k.ExpiresAt is { } at ? $"{at.UtcDateTime:yyyy-MM-dd HH:mm}" : "",
                k.Status == KeyStatus.Valid ? "[green]valid[/]" : $"[red]{k.Status.ToString().ToLowerInvariant()}[/]");
        }

        screen.Write(table);
    }
}

/// <summary>A key as it is listed: never its hash.</summary>
internal sealed record KeyLine(string? Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset? CreatedAt, DateTimeOffset? ExpiresAt, KeyStatus Status)
{
    public static KeyLine Of(ApiKeyRecord key, DateTimeOffset now) => new(key.Id, key.Name, key.Scopes, key.CreatedAt, key.ExpiresAt, key.StatusAt(now));
}
