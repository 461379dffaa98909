using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Datasets;
using Serverless.Incidents;

namespace Serverless.Cli.Commands;

/// <summary><c>incidents open --title T --severity S</c>.</summary>
internal static class IncidentsOpenCommand
{
    public static CommandSpec Create()
    {
        var title = new Option<string>("--title") { Description = "What people see, in one line.", HelpName = "TEXT", Required = true };
        var severity = new Option<string>("--severity") { Description = "info, warning, error or critical.", HelpName = "SEVERITY", DefaultValueFactory = _ => "error" };
        var began = new Option<string?>("--began") { Description = "When it began (UTC). Default: now.", HelpName = "WHEN" };
        var category = new Option<string?>("--category") { Description = "data, code, model, configuration, infrastructure, upstream or people.", HelpName = "CATEGORY" };
        var impact = new Option<string?>("--impact") { Description = "Who or what is affected.", HelpName = "TEXT" };
        var about = new Option<string[]>("--about") { Description = "Dataset or model concerned; may be given several times.", HelpName = "NAME" };
        var command = new Command("open", "Open an incident by hand.") { title, severity, began, category, impact, about };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var incident = await open.Get<IIncidents>().OpenAsync(new NewIncident
            {
                Title = context.Parsed.GetRequiredValue(title),
                Severity = IncidentsCommand.Choice<Severity>("--severity", context.Parsed.GetValue(severity)) ?? Severity.Error,
                BeganAt = context.Parsed.GetValue(began) is { } when ? Dates.Moment(when) : null,
                Category = IncidentsCommand.Choice<IncidentCategory>("--category", context.Parsed.GetValue(category)),
                Impact = context.Parsed.GetValue(impact),
                Subjects = context.Parsed.GetValue(about) ?? [],
            }, context.By, context.Cancel);
            context.Output.Answer(new { incidents = new[] { incident } }, screen => screen.Line($"Incident {incident.Id} is open. 'serverless-ml incidents update {incident.Id} --impact ... --cause ...' says more about it."));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml incidents open --title \"delays without unit\" --severity error --about flights", "serverless-ml incidents open --title \"wrong prices\" --began 2026-03-01T08:00:00Z"],
        };
    }
}
