using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Incidents;
using Serverless.Problems;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>incidents</c>: what went wrong and what is done about it; and its subcommands.</summary>
internal static class IncidentsCommand
{
    public static CommandSpec Create()
    {
        var all = new Option<bool>("--all") { Description = "Also those that are closed since more than 30 days." };
        var command = new Command("incidents", "What went wrong, why, and what is done about it; open, update, close, post-mortem.") { all };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var since = open.Get<TimeProvider>().GetUtcNow() - TimeSpan.FromDays(30);
            var incidents = (await open.Get<IIncidents>().ListAsync(context.Cancel)).Where(i => context.Parsed.GetValue(all) || i.ClosedAt is not { } closed || closed > since)
                .OrderBy(i => i.Status).ToArray();
            context.Output.Answer(new { open = incidents.Count(i => i.Status == IncidentStatus.Open), incidents }, screen => Show(screen, incidents));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml incidents", "serverless-ml incidents open --title \"delays without unit\" --severity error", "serverless-ml incidents report --by category"],
            Subcommands = [IncidentsOpenCommand.Create(), IncidentsShowCommand.Create(), IncidentsUpdateCommand.Create(), IncidentsCloseCommand.Create(), IncidentsReportCommand.Create(), IncidentsPostMortemCommand.Create()],
        };
    }

    public static Argument<string> Id() => new("ID") { Description = "Id of an incident, or its beginning." };

    /// <summary>The incident, or an error that says where to look.</summary>
    public static async Task<Incident> FindAsync(OpenWorkspace open, string id, CancellationToken cancel) =>
        await open.Get<IIncidents>().FindAsync(id, cancel) ?? throw new RequestException($"there is no incident '{id}'. 'serverless-ml incidents' lists them.");

    /// <summary>A word of an enumeration as people type it, with a hint when it is none.</summary>
    public static T? Choice<T>(string option, string? text) where T : struct, Enum
    {
        if (text is null) return null;
        var names = Enum.GetNames<T>().Select(n => n.ToLowerInvariant()).ToArray();
        if (Array.IndexOf(names, text.ToLowerInvariant()) is >= 0 and var at) return Enum.GetValues<T>()[at];
        var close = Suggest.Closest(text, names) is { } c ? $" Did you mean '{c}'?" : "";
        throw new RequestException($"{option} cannot be '{text}'.{close} Allowed: {string.Join(", ", names)}.");
    }

    public static string Word(Enum? value) => value?.ToString().ToLowerInvariant() ?? "";

    public static string Status(Incident incident) => incident.Status == IncidentStatus.Closed ? "[green]closed[/]" : incident.OverAt is not null ? "[yellow]over, open[/]" : "[red]open[/]";

    private static void Show(IAnsiConsole screen, IReadOnlyList<Incident> incidents)
    {
        if (incidents.Count == 0)
        {
            screen.Line("There are no incidents.");
            return;
        }

        var table = Cells.Table("Incident", "", "Severity", "Category", "What");
        foreach (var i in incidents) table.Marked(Markup.Escape(i.Id), Status(i), Word(i.Severity), Word(i.Category), Markup.Escape(Cells.Cut(i.Title, 60)));
        screen.Write(table);
    }
}
