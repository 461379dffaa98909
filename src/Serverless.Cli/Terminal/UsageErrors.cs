using System.CommandLine;
using System.Text.Json;
using Serverless.Problems;

namespace Serverless.Cli.Terminal;

/// <summary>A command line that cannot be understood: what is wrong, what was probably meant, where help is.</summary>
internal static class UsageErrors
{
    public static int Write(ParseResult parsed, CliConsole console, bool json)
    {
        var command = parsed.CommandResult.Command;
        var messages = Messages(parsed, command).Distinct().ToArray();
        if (json) console.Out.WriteLine(JsonSerializer.Serialize(new { error = string.Join(" ", messages), exitCode = ExitCode.Usage }, ServerlessJson.Indented));
        foreach (var message in messages) console.Error.WriteLine($"error: {message}");
        var path = string.Join(' ', Path(parsed.CommandResult).Reverse());
        console.Error.WriteLine($"See '{path} --help'.");
        return ExitCode.Usage;
    }

    private static IEnumerable<string> Messages(ParseResult parsed, Command command)
    {
        var unmatched = parsed.UnmatchedTokens;
        if (unmatched.Count == 0 && command.Subcommands.Count > 0 && command.Action is null)
        {
            yield return command is RootCommand ? "no command was given." : $"'{command.Name}' needs one of: {string.Join(", ", command.Subcommands.Select(s => s.Name))}.";
            yield break;
        }

        foreach (var token in unmatched)
        {
            if (token.StartsWith('-')) yield return $"there is no option '{token}'.{Hint(token, Options(parsed).SelectMany(o => o.Aliases.Prepend(o.Name)))}";
            else if (command.Subcommands.Count > 0) yield return $"there is no command '{token}'.{Suggest.Hint(token, command.Subcommands.Select(s => s.Name))}";
            else yield return $"'{token}' is one argument too many.";
        }

        // An unknown command also makes a required one missing: one complaint is enough.
        if (unmatched.Count > 0) yield break;
        var missing = command.Arguments.Where(a => a.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(a) is not { Tokens.Count: > 0 }).Select(a => a.Name).ToArray();
        if (missing.Length > 0)
        {
            yield return $"'{command.Name}' needs {string.Join(" and ", missing)}.";
            yield break;
        }

        foreach (var error in parsed.Errors) yield return error.Message;
    }

    // Options have no useful "known" list: help shows it.
    private static string Hint(string name, IEnumerable<string> known) => Suggest.Closest(name, known) is { } close ? $" Did you mean '{close}'?" : "";

    private static IEnumerable<Option> Options(ParseResult parsed)
    {
        for (System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult; at is not null; at = at.Parent)
        {
            if (at is not System.CommandLine.Parsing.CommandResult result) continue;
            foreach (var option in result.Command.Options) yield return option;
        }
    }

    private static IEnumerable<string> Path(System.CommandLine.Parsing.SymbolResult? at)
    {
        for (; at is not null; at = at.Parent)
        {
            if (at is System.CommandLine.Parsing.CommandResult { Command: var command }) yield return command is RootCommand ? "serverless-ml" : command.Name;
        }
    }
}
