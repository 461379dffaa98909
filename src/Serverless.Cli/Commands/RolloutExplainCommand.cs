using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Rollouts;

namespace Serverless.Cli.Commands;

/// <summary><c>rollout explain MODEL SUBJECT</c>: which version a subject has, and why.</summary>
internal static class RolloutExplainCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Name of the model." };
        var subject = new Argument<string>("SUBJECT") { Description = "As requests name it." };
        var groups = new Option<string[]>("--group") { Description = "A group of the subject; may be given several times.", HelpName = "GROUP" };
        var command = new Command("explain", "Which version a subject has, and why.") { model, subject, groups };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            await using var open = context.Open(Parts.Store);
            await ModelsCommand.KnownAsync(open, name, context.Cancel);
            var found = await open.Get<ISubjectAssignments>().OfAsync(name, context.Parsed.GetRequiredValue(subject), context.Parsed.GetValue(groups) ?? [], context.Cancel);
            context.Output.Answer(found, screen => screen.Line(found.Sentence));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml rollout explain flight-delay customer-17"],
        };
    }
}
