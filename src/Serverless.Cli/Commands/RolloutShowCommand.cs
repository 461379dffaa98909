using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Problems;
using Serverless.Rollouts;

namespace Serverless.Cli.Commands;

/// <summary><c>rollout show MODEL [ID]</c>: what was seen, what the guards say, what comes next.</summary>
internal static class RolloutShowCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Name of the model." };
        var id = new Argument<string?>("ID") { Description = "A rollout of the model. Default: the last.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("show", "What a rollout has shown, what its guards say, and what comes next.") { model, id };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            await using var open = context.Open(Parts.Store);
            await ModelsCommand.KnownAsync(open, name, context.Cancel);
            var all = await open.Get<IRollouts>().ListAsync(name, context.Cancel);
            if (all.Count == 0) throw new RequestException($"model '{name}' had no rollout yet. 'serverless-ml rollout start {name} VERSION' begins one.");
            var asked = context.Parsed.GetValue(id);
            var rollout = asked is null ? all[^1] : all.FirstOrDefault(r => r.Id == asked) ?? throw new RequestException($"model '{name}' has no rollout '{asked}'{Suggest.Ending(asked, all.Select(r => r.Id))}");
            var report = await open.Get<IRollouts>().ReportAsync(rollout, context.Cancel);
            context.Output.Answer(report, screen => RolloutLines.Show(screen, report));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml rollout show flight-delay", "serverless-ml rollout show flight-delay flight-delay-r7"],
        };
    }
}
