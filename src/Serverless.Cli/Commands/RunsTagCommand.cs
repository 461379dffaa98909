using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Tracking;

namespace Serverless.Cli.Commands;

/// <summary><c>runs tag ID key=value...</c>.</summary>
internal static class RunsTagCommand
{
    public static CommandSpec Create()
    {
        var id = new Argument<string>("ID") { Description = "Id of a run, as 'runs' lists it." };
        var tags = new Argument<string[]>("KEY=VALUE") { Description = "One tag or more.", Arity = ArgumentArity.OneOrMore };
        var remove = new Option<bool>("--remove") { Description = "Take these tags away (write the keys only)." };
        var command = new Command("tag", "Set tags on a run, or take them away.") { id, tags, remove };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var run = context.Parsed.GetRequiredValue(id);
            var tracked = open.Get<ITrackedRuns>();
            var away = context.Parsed.GetValue(remove);
            var changes = context.Parsed.GetRequiredValue(tags).Select(t => t.Split('=', 2)).GroupBy(t => t[0]).ToDictionary(t => t.Key, t => away ? null : t.Last().ElementAtOrDefault(1) ?? "");
            var notes = await tracked.TagAsync(run, changes, context.Cancel);
            context.Output.Answer(new { run, tags = notes.Tags, notes = notes.Notes },
                screen => screen.Line(notes.Tags.Count == 0 ? $"Run {run} has no tags." : $"Tags of run {run}: {string.Join(", ", notes.Tags.Select(t => t.Value.Length == 0 ? t.Key : $"{t.Key}={t.Value}"))}."));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml runs tag train-20260131120000-abc123 season=winter reviewed", "serverless-ml runs tag train-20260131120000-abc123 reviewed --remove"],
        };
    }
}
