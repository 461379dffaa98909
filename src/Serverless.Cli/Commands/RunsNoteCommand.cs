using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Tracking;

namespace Serverless.Cli.Commands;

/// <summary><c>runs note ID TEXT</c>.</summary>
internal static class RunsNoteCommand
{
    public static CommandSpec Create()
    {
        var id = new Argument<string>("ID") { Description = "Id of a run, as 'runs' lists it." };
        var text = new Argument<string>("TEXT") { Description = "What should be remembered." };
        var command = new Command("note", "Write a note on a run.") { id, text };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var run = context.Parsed.GetRequiredValue(id);
            var notes = await open.Get<ITrackedRuns>().NoteAsync(run, context.Parsed.GetRequiredValue(text), context.By, context.Cancel);
            context.Output.Answer(new { run, tags = notes.Tags, notes = notes.Notes }, screen => screen.Line($"Noted; run {run} has {Cells.Plural(notes.Notes.Count, "note")}."));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml runs note train-20260131120000-abc123 \"first with weather\""],
        };
    }
}
