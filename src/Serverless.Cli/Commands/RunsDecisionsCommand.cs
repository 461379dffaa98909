using System.CommandLine;
using Serverless.Cli.Terminal;
using Serverless.Scheduling;

namespace Serverless.Cli.Commands;

/// <summary><c>runs decisions MODEL</c>: when a model was to be trained again, and why or why not.</summary>
internal static class RunsDecisionsCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Name of the model." };
        var command = new Command("decisions", "Whether a model was trained again, and why or why not, newest first.") { model };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            await using var open = context.Open(Hosting.Parts.Store);
            await ModelsCommand.KnownAsync(open, name, context.Cancel);
            var decisions = await open.Get<IDecisions>().ListAsync(name, context.Cancel);
            context.Output.Answer(new { model = name, decisions }, screen =>
            {
                if (decisions.Count == 0) screen.Line($"Nothing was decided about {name} yet.");
                foreach (var d in decisions) screen.Line(Line(d));
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml runs decisions flight-delay"],
        };
    }

    private static string Line(Decision d) => $"{Cells.Time(d.At)}  {(d.Train ? "train" : "no training")}: {d.Reason}{(d.Run is { } run ? $" (run {run})" : "")}";
}
