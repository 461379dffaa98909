using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Switches;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>switches</c>: which optional parts are on; and <c>switches off|on PART</c>.</summary>
internal static class SwitchesCommand
{
    public static CommandSpec Create()
    {
        var command = new Command("switches", "Which optional parts are on; switch them without deploying.");
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var switches = await open.Get<SwitchFlags>().ListAsync(context.Cancel);
            context.Output.Answer(new { switches }, screen => Show(screen, switches));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml switches", "serverless-ml switches off retraining", "serverless-ml switches on retraining"],
            Subcommands = [Move("off", "Switch a part off for all models and datasets.", on: false), Move("on", "Switch a part on again.", on: true)],
        };
    }

    private static CommandSpec Move(string name, string does, bool on)
    {
        var part = new Argument<string>("PART") { Description = "As 'switches' lists them." };
        var command = new Command(name, does) { part };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var moved = await open.Get<SwitchFlags>().MoveAsync(context.Parsed.GetRequiredValue(part), on, context.By, context.Cancel);
            context.Output.Answer(moved, screen => screen.Line($"'{moved.Part}' is {Words(moved.State)}. {(moved.State == SwitchState.Off ? $"Until it is on again {moved.WhenOff}. " : "")}Whoever serves follows within seconds."));
            return ExitCode.Done;
        })
        {
            Examples = [$"serverless-ml switches {name} retraining"],
        };
    }

    private static string Words(SwitchState state) => state switch { SwitchState.On => "on", SwitchState.Off => "off", _ => "as its flag's conditions say" };

    private static void Show(IAnsiConsole screen, IReadOnlyList<SwitchLine> switches)
    {
        var table = Cells.Table("Part", "", "Moved", "When off");
        foreach (var s in switches)
        {
            table.Marked(s.Part, s.State switch { SwitchState.On => "[green]on[/]", SwitchState.Off => "[red]off[/]", _ => "[yellow]by conditions[/]" },
                s.At is { } at ? Markup.Escape($"{at.UtcDateTime:yyyy-MM-dd HH:mm} {s.By}") : "", Markup.Escape(s.WhenOff));
        }

        screen.Write(table);
    }
}
