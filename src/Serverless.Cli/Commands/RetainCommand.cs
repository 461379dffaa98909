using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Retention;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>retain</c>: what the retention of serverless.yaml lets go, and with <c>--yes</c> its removal.</summary>
internal static class RetainCommand
{
    public static CommandSpec Create()
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Remove it. Without this, only what would go is listed." };
        var dry = new Option<bool>("--dry-run") { Description = "Only list what would go: the default." };
        var comment = new Option<string?>("--comment", "-c") { Description = "Why, for the audit.", HelpName = "TEXT" };
        var command = new Command("retain", "List what the retention of serverless.yaml lets go, and remove it with --yes.") { yes, dry, comment };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.All);
            var retention = open.Get<IRetention>();
            var remove = context.Parsed.GetValue(yes) && !context.Parsed.GetValue(dry);
            var plan = remove ? await retention.RemoveAsync(context.By, context.Parsed.GetValue(comment) ?? "", context.Cancel) : await retention.PlanAsync(context.Cancel);
            context.Output.Answer(new { removed = remove, bytes = plan.Bytes, remove = plan.Remove, keep = plan.Keep }, screen => Show(screen, plan, remove));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml retain", "serverless-ml retain --yes --comment \"yearly clean-up\""],
        };
    }

    private static void Show(IAnsiConsole screen, RetentionPlan plan, bool removed)
    {
        if (plan.Remove.Count == 0)
        {
            screen.Line("Nothing may go: see retention: in serverless.yaml.");
        }
        else
        {
            var table = Cells.Table("What", "Of", "Name", ">Size", "Why");
            foreach (var item in plan.Remove) table.Row(item.Kind, item.Subject, item.Name, Cells.Size(item.Bytes), item.Reason);
            screen.Write(table);
            screen.Line($"{(removed ? "Removed" : "Would remove")} {Cells.Size(plan.Bytes)}.{(removed ? "" : " To do it: serverless-ml retain --yes")}");
        }

        foreach (var item in plan.Keep) screen.Line($"Kept: {item.Kind} {item.Name} of {item.Subject}: {item.Reason}.");
    }
}
