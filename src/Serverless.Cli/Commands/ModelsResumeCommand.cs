using System.CommandLine;
using Serverless.Cli.Terminal;
using Serverless.Gating;

namespace Serverless.Cli.Commands;

/// <summary><c>models resume MODEL --comment T</c>: a model that its gate stopped trains by itself again.</summary>
internal static class ModelsResumeCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Name of the model." };
        var comment = new Option<string?>("--comment", "-c") { Description = "Why, for the audit.", HelpName = "TEXT" };
        var command = new Command("resume", "Let a model that its gate stopped (onFailure: stop) train by itself again.") { model, comment };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            await using var open = context.Open(Hosting.Parts.Store);
            await ModelsCommand.KnownAsync(open, name, context.Cancel);
            var entry = await open.Get<ITrainingHolds>().ResumeAsync(name, context.By, context.Parsed.GetValue(comment) ?? "", context.Cancel);
            context.Output.Answer(new { model = name, audit = new[] { entry } }, screen => screen.Line($"{name} trains by itself again."));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml models resume flight-delay --comment \"the sensor was mended\""],
        };
    }
}
