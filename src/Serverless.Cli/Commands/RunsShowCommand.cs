using System.CommandLine;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Runs;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>runs show ID</c>: everything that a run remembers.</summary>
internal static class RunsShowCommand
{
    public static CommandSpec Create()
    {
        var id = new Argument<string>("ID") { Description = "Id of a run, as 'runs' lists it." };
        var command = new Command("show", "Everything that a run remembers.") { id };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var run = await RunsCommand.FindAsync(open, context.Parsed.GetRequiredValue(id), context.Cancel);
            context.Output.Answer(new { runs = new[] { run } }, screen => Show(screen, run));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml runs show train-20260131120000-abc123"],
        };
    }

    private static void Show(IAnsiConsole screen, RunRecord run)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumn("").AddColumn("");
        table.Row("run", run.Id);
        table.Row("about", $"{run.Kind} {run.Subject}");
        table.Marked("status", RunsCommand.Status(run));
        if (run.Reason is not null) table.Row("reason", run.Reason);
        table.Row("began (UTC)", Cells.Time(run.CreatedAt));
        table.Row("last step (UTC)", Cells.Time(run.UpdatedAt));
        if (run.Data.ValueKind == JsonValueKind.Object) foreach (var property in run.Data.EnumerateObject()) Add(table, property.Name, property.Value, "");
        screen.Write(table);
    }

    private static void Add(Table table, string name, JsonElement value, string indent)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                table.Row(indent + name, "");
                foreach (var property in value.EnumerateObject()) Add(table, property.Name, property.Value, indent + "  ");
                break;
            case JsonValueKind.Array when value.EnumerateArray().All(e => e.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)):
                table.Row(indent + name, Cells.Cut(string.Join(", ", value.EnumerateArray().Select(e => e.ToString())), 300));
                break;
            case JsonValueKind.Array:
                table.Row(indent + name, $"{Cells.Plural(value.GetArrayLength(), "entry", "entries")} (--json shows them)");
                break;
            case JsonValueKind.Number:
                table.Row(indent + name, Cells.Number(value.GetDouble()));
                break;
            default:
                table.Row(indent + name, value.ToString());
                break;
        }
    }
}
