using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Registry;
using Serverless.Rollouts;

namespace Serverless.Cli.Commands;

/// <summary><c>rollout</c>: what is under way, and what is done with it.</summary>
internal static class RolloutCommand
{
    public static CommandSpec Create()
    {
        var command = new Command("rollout", "List rollouts under way; show, start, pause, resume, abort, promote one; say which version a subject has.");
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var active = new List<RolloutRecord>();
            foreach (var model in open.Workspace.Models.Keys.Union(await open.Get<IModelRegistry>().ModelsAsync(context.Cancel)).Order(StringComparer.Ordinal))
            {
                if (await open.Get<IRollouts>().ActiveAsync(model, context.Cancel) is { } rollout) active.Add(rollout);
            }

            context.Output.Answer(new { rollouts = active }, screen =>
            {
                if (active.Count == 0) screen.Line("No rollout is under way.");
                foreach (var rollout in active) screen.Line(RolloutLines.Head(rollout));
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml rollout", "serverless-ml rollout show flight-delay", "serverless-ml rollout start flight-delay 4 --kind canary --comment \"faster at night\""],
            Subcommands = [RolloutShowCommand.Create(), RolloutStartCommand.Create(), .. Moves(), RolloutExplainCommand.Create()],
        };
    }

    private static IEnumerable<CommandSpec> Moves() =>
    [
        Move(RolloutVerb.Pause, "Leave the shares as they are until it is resumed; guards still watch.", "a holiday"),
        Move(RolloutVerb.Resume, "Go on where it was paused.", "everybody is back"),
        Move(RolloutVerb.Abort, "Bring everybody back to the champion.", "complaints since noon"),
        Move(RolloutVerb.Promote, "Make the challenger champion now.", "it has shown enough"),
    ];

    private static CommandSpec Move(RolloutVerb verb, string description, string why)
    {
        var name = verb.ToString().ToLowerInvariant();
        var model = new Argument<string>("MODEL") { Description = "Name of the model." };
        var comment = new Option<string?>("--comment", "-c") { Description = "Why, for the audit.", HelpName = "TEXT" };
        var command = new Command(name, description) { model, comment };
        return new CommandSpec(command, async context =>
        {
            var m = context.Parsed.GetRequiredValue(model);
            await using var open = context.Open(Parts.Store);
            await ModelsCommand.KnownAsync(open, m, context.Cancel);
            var rollout = await open.Get<IRollouts>().MoveAsync(m, verb, context.By, context.Parsed.GetValue(comment) ?? "", context.Cancel);
            context.Output.Answer(rollout, screen => screen.Line(RolloutLines.Head(rollout)));
            return ExitCode.Done;
        })
        {
            Examples = [$"serverless-ml rollout {name} flight-delay --comment \"{why}\""],
        };
    }
}
