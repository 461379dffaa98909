using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Tracking;

namespace Serverless.Cli.Commands;

/// <summary><c>runs artifacts ID</c>: files that a run left.</summary>
internal static class RunsArtifactsCommand
{
    public static CommandSpec Create()
    {
        var id = new Argument<string>("ID") { Description = "Id of a run, as 'runs' lists it." };
        var command = new Command("artifacts", "Files that a run left in the store.") { id };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var run = context.Parsed.GetRequiredValue(id);
            var files = await open.Get<ITrackedRuns>().ArtifactsAsync(run, context.Cancel);
            context.Output.Answer(new { run, artifacts = files }, screen =>
            {
                if (files.Count == 0)
                {
                    screen.Line($"Run {run} left no files.");
                    return;
                }

                var table = Cells.Table("File", ">Size", "Written (UTC)");
                foreach (var file in files) table.Row(file.Name, Cells.Size(file.Bytes), Cells.Time(file.WrittenAt));
                screen.Write(table);
                screen.Line($"They lie below runs/{run}/ in the store.");
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml runs artifacts train-20260131120000-abc123"],
        };
    }
}
