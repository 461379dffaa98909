using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Models;
using Serverless.Rollouts;

namespace Serverless.Cli.Commands;

/// <summary><c>rollout start MODEL VERSION</c>: a version begins to be released bit by bit.</summary>
internal static class RolloutStartCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Name of the model." };
        var version = new Argument<int>("VERSION") { Description = "Number of the version to release." };
        var kind = new Option<RolloutKind?>("--kind") { Description = "Another kind than the model file's, with its defaults: shadow, canary, ab, bandit.", HelpName = "KIND" };
        var comment = new Option<string?>("--comment", "-c") { Description = "Why, for the audit.", HelpName = "TEXT" };
        var command = new Command("start", "Release a version bit by bit, as the model file's 'rollout' says.") { model, version, kind, comment };
        return new CommandSpec(command, async context =>
        {
            var m = context.Parsed.GetRequiredValue(model);
            await using var open = context.Open(Parts.Store);
            await ModelsCommand.KnownAsync(open, m, context.Cancel);
            var terms = open.Workspace.Models.TryGetValue(m, out var definition) ? definition.Rollout : new RolloutDefinition();
            if (context.Parsed.GetValue(kind) is { } other && other != terms.Kind) terms = new RolloutDefinition { Kind = other };
            var rollout = await open.Get<IRollouts>().StartAsync(
                new RolloutRequest(m, context.Parsed.GetRequiredValue(version), terms, context.By, context.Parsed.GetValue(comment) ?? ""), context.Cancel);
            context.Output.Answer(rollout, screen => screen.Line(RolloutLines.Head(rollout)));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml rollout start flight-delay 4 --comment \"faster at night\"", "serverless-ml rollout start flight-delay 4 --kind shadow"],
        };
    }
}
