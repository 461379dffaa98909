using System.CommandLine;
using Microsoft.Extensions.Logging;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;

namespace Serverless.Cli.Commands;

/// <summary><c>serve [--urls U]</c>: the API, and nothing that trains or takes in data.</summary>
internal static class ServeCommand
{
    public const string DefaultUrls = "http://127.0.0.1:5080";

    public static Option<string> Urls() => new("--urls")
    {
        Description = "Addresses to listen on, with ';' between them. Port 0 is any free port.", HelpName = "URLS", DefaultValueFactory = _ => DefaultUrls,
    };

    public static CommandSpec Create()
    {
        var urls = Urls();
        var command = new Command("serve", "Answer predictions over HTTP until stopped.") { urls };
        return new CommandSpec(command, async context =>
        {
            await using var host = await ApiHost.StartAsync(
                context.WorkspaceFolder(), Parts.Serving, context.Parsed.GetRequiredValue(urls), context.Console, LogLevel.Information, context.Verbose, null, context.Cancel);
            foreach (var warning in host.Warnings) context.Output.Warn(warning.ToString());
            Announce(context, host, "Serving");
            await host.RunAsync(context.Cancel);
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml serve", "serverless-ml serve --urls http://127.0.0.1:0", "serverless-ml serve --urls 'http://*:8080'"],
        };
    }

    /// <summary>Says where the API is, as soon as it answers.</summary>
    public static void Announce(CommandContext context, ApiHost host, string what) => context.Output.Answer(new { urls = host.Addresses }, screen =>
    {
        foreach (var address in host.Addresses) screen.Line($"{what} on {address}  (interactive page: {address}/docs)");
        if (!context.Output.Quiet) screen.Line("Ctrl-C stops it.");
    });
}
