using System.CommandLine;
using Microsoft.Extensions.Logging;
using Serverless.Cli.Hosting;

namespace Serverless.Cli.Commands;

/// <summary><c>up [--urls U]</c>: API, scheduler, landing watcher and workers in one process. Several may share one store.</summary>
internal static class UpCommand
{
    public static CommandSpec Create()
    {
        var urls = ServeCommand.Urls();
        var command = new Command("up", "Everything in one process: the API, the scheduler, the landing watcher, the workers.") { urls };
        return new CommandSpec(command, async context =>
        {
            await using var host = await ApiHost.StartAsync(
                context.WorkspaceFolder(), Parts.All, context.Parsed.GetRequiredValue(urls), context.Console, LogLevel.Information, context.Verbose, Composition.AddWorkers, context.Cancel);
            foreach (var warning in host.Warnings) context.Output.Warn(warning.ToString());
            ServeCommand.Announce(context, host, "Up");
            await host.RunAsync(context.Cancel);
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml up", "serverless-ml up --urls http://127.0.0.1:0"],
        };
    }
}
