using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Incidents;
using Serverless.Problems;

namespace Serverless.Cli.Commands;

/// <summary><c>incidents post-mortem ID [--output FILE]</c>: Markdown from the template.</summary>
internal static class IncidentsPostMortemCommand
{
    public static CommandSpec Create()
    {
        var id = IncidentsCommand.Id();
        var output = new Option<string?>("--output", "-o") { Description = "Write it into this file, which must not be there yet.", HelpName = "FILE" };
        var command = new Command("post-mortem", "A post-mortem in Markdown, with what is known filled in.") { id, output };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var incident = await IncidentsCommand.FindAsync(open, context.Parsed.GetRequiredValue(id), context.Cancel);
            var text = PostMortem.Write(incident, await open.Get<IIncidents>().TimelineAsync(incident.Id, context.Cancel), open.Get<TimeProvider>().GetUtcNow());
            var file = context.Parsed.GetValue(output);
            if (file is not null) await WriteAsync(context.FullPath(file), file, text, context.Cancel);
            context.Output.Answer(new { incident = incident.Id, file, markdown = text }, screen => screen.Line(file is null ? text.TrimEnd() : $"Written to {file}. What stands in italics is for people to write."));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml incidents post-mortem inc-20260301120000-3f2a91 --output post-mortem.md"],
        };
    }

    private static async Task WriteAsync(string path, string shown, string text, CancellationToken cancel)
    {
        // What somebody wrote by hand is not overwritten.
        if (File.Exists(path)) throw new RequestException($"'{shown}' is there already; name another file.");
        await File.WriteAllTextAsync(path, text, cancel);
    }
}
