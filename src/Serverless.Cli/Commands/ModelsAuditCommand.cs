using System.CommandLine;
using Serverless.Cli.Terminal;
using Serverless.Registry;

namespace Serverless.Cli.Commands;

/// <summary><c>models audit MODEL</c>: everything that happened to a model's versions.</summary>
internal static class ModelsAuditCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Name of the model." };
        var command = new Command("audit", "Who did what to a model's versions, when and why, oldest first.") { model };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            await using var open = context.Open(Hosting.Parts.Store);
            await ModelsCommand.KnownAsync(open, name, context.Cancel);
            var audit = await open.Get<IModelRegistry>().AuditAsync(name, context.Cancel);
            context.Output.Answer(new { model = name, audit }, screen =>
            {
                if (audit.Count == 0) screen.Line($"Nothing happened to {name} yet.");
                foreach (var entry in audit) screen.Line(Line(entry));
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml models audit flight-delay"],
        };
    }

    public static string Line(AuditEntry e) => $"{Cells.Time(e.At)}  {e.Action}{(e.Version is { } v ? $" {v}" : "")}{(e.From is { } from ? $" (before: {from})" : "")} by {e.By}{(e.Comment.Length > 0 ? $": {e.Comment}" : "")}"
        + (e.Run is { } run && e.By != $"run:{run}" ? $" (run {run})" : "");
}
