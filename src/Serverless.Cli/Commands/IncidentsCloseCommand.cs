using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Incidents;

namespace Serverless.Cli.Commands;

/// <summary><c>incidents close ID [--comment T]</c>.</summary>
internal static class IncidentsCloseCommand
{
    public static CommandSpec Create()
    {
        var id = IncidentsCommand.Id();
        var comment = new Option<string?>("--comment", "-c") { Description = "A last line for the timeline.", HelpName = "TEXT" };
        var command = new Command("close", "Nothing more is to be found out or decided.") { id, comment };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var incident = await open.Get<IIncidents>().CloseAsync(context.Parsed.GetRequiredValue(id), context.Parsed.GetValue(comment), context.By, context.Cancel);
            context.Output.Answer(new { incidents = new[] { incident } }, screen =>
            {
                screen.Line($"{incident.Id} is closed.");
                string[] missing = [.. new[] { (incident.Impact, "impact"), (incident.Cause, "cause"), (incident.Category?.ToString(), "category") }.Where(m => m.Item1 is null).Select(m => m.Item2)];
                if (missing.Length > 0) screen.Line($"Nobody has said its {string.Join(", ", missing)} yet: 'serverless-ml incidents update {incident.Id} ...' still can.");
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml incidents close inc-20260301120000-3f2a91 --comment \"corrected drop ingested\""],
        };
    }
}
