using System.CommandLine;
using Serverless.Alerts;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Incidents;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>incidents show ID</c>: what is known, and the timeline.</summary>
internal static class IncidentsShowCommand
{
    public static CommandSpec Create()
    {
        var id = IncidentsCommand.Id();
        var command = new Command("show", "Everything about an incident, with its timeline.") { id };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var incident = await IncidentsCommand.FindAsync(open, context.Parsed.GetRequiredValue(id), context.Cancel);
            var timeline = await open.Get<IIncidents>().TimelineAsync(incident.Id, context.Cancel);
            context.Output.Answer(new { incidents = new[] { incident }, timeline }, screen => Show(screen, incident, timeline));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml incidents show inc-20260301120000-3f2a91"],
        };
    }

    private static void Show(IAnsiConsole screen, Incident i, IReadOnlyList<TimelineEntry> timeline)
    {
        screen.MarkupLine($"{IncidentsCommand.Status(i)} {Markup.Escape(i.Title)}");
        screen.Line($"{i.Id}: severity {IncidentsCommand.Word(i.Severity)}, category {(i.Category is null ? "not said yet" : IncidentsCommand.Word(i.Category))}.");
        screen.Line($"Began {AlertText.Time(i.BeganAt)}, noticed {AlertText.Time(i.DetectedAt)}, {(i.OverAt is { } over ? $"over {AlertText.Time(over)} (after {AlertText.Span(over - i.BeganAt)})" : "not over")}.");
        screen.Line($"Impact: {i.Impact ?? "not said yet"}");
        screen.Line($"Cause: {i.Cause ?? "not said yet"}");
        for (var n = 0; n < i.Actions.Count; n++)
        {
            var a = i.Actions[n];
            string?[] facts = [a.Kind is null ? null : IncidentsCommand.Word(a.Kind), a.Owner, a.Due is { } due ? $"due {due:yyyy-MM-dd}" : null, a.DoneAt is { } done ? $"done {AlertText.Time(done)}" : "not done"];
            screen.Line($"Action {n + 1}: {a.Text} ({string.Join(", ", facts.Where(f => f is not null))})");
        }

        screen.Line();
        foreach (var entry in timeline) screen.Line($"{Cells.Time(entry.At)}  {entry.By}\n    {entry.Text.ReplaceLineEndings("\n    ")}");
        screen.Line();
        screen.Line($"Post-mortem: serverless-ml incidents post-mortem {i.Id}");
    }
}
