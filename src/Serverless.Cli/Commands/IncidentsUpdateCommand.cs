using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Datasets;
using Serverless.Incidents;
using Serverless.Problems;

namespace Serverless.Cli.Commands;

/// <summary><c>incidents update ID --impact T --cause T --category C --action T</c>.</summary>
internal static class IncidentsUpdateCommand
{
    public static CommandSpec Create()
    {
        var id = IncidentsCommand.Id();
        Option<string?> Text(string name, string description, string help = "TEXT") => new(name) { Description = description, HelpName = help };
        Option<string?> title = Text("--title", "A better title."), impact = Text("--impact", "Who or what was affected."), cause = Text("--cause", "What started it, what let it through."),
            category = Text("--category", "data, code, model, configuration, infrastructure, upstream or people.", "CATEGORY"), severity = Text("--severity", "info, warning, error or critical.", "SEVERITY"),
            began = Text("--began", "When it began (UTC).", "WHEN"), over = Text("--over", "When the trouble ended (UTC).", "WHEN"), note = Text("--note", "A line for the timeline."),
            owner = Text("--owner", "Who does the actions of this call.", "NAME"), due = Text("--due", "Until when.", "DAY");
        var actions = new Option<string[]>("--action") { Description = "What is to be done; 'prevent: ...', 'detect: ...' or 'mitigate: ...' says what for. May be given several times.", HelpName = "TEXT" };
        var done = new Option<int[]>("--done") { Description = "Number of an action that is done.", HelpName = "N" };
        var command = new Command("update", "Say what is known: impact, cause, category, actions.") { id, title, impact, cause, category, severity, began, over, actions, owner, due, done, note };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            string? Of(Option<string?> option) => context.Parsed.GetValue(option);
            var texts = context.Parsed.GetValue(actions) ?? [];
            if (texts.Length == 0 && (Of(owner) ?? Of(due)) is not null) throw new RequestException("--owner and --due are about an --action of the same call.");
            var incident = await open.Get<IIncidents>().UpdateAsync(context.Parsed.GetRequiredValue(id), new IncidentChange
            {
                Title = Of(title), Impact = Of(impact), Cause = Of(cause), Category = IncidentsCommand.Choice<IncidentCategory>("--category", Of(category)),
                Severity = IncidentsCommand.Choice<Severity>("--severity", Of(severity)), BeganAt = Of(began) is { } b ? Dates.Moment(b) : null, OverAt = Of(over) is { } o ? Dates.Moment(o) : null, Note = Of(note),
                Actions = [.. texts.Select(t => Action(t, Of(owner), Of(due)))], Done = context.Parsed.GetValue(done) ?? [],
            }, context.By, context.Cancel);
            context.Output.Answer(new { incidents = new[] { incident } }, screen => screen.Line($"{incident.Id} is updated. 'serverless-ml incidents show {incident.Id}' shows it."));
            return ExitCode.Done;
        })
        {
            Examples =
            [
                "serverless-ml incidents update inc-20260301120000-3f2a91 --category upstream --cause \"the feed changed its unit\"",
                "serverless-ml incidents update inc-20260301120000-3f2a91 --action \"detect: range check on delay\" --owner ana --due 2026-03-15",
                "serverless-ml incidents update inc-20260301120000-3f2a91 --done 1",
            ],
        };
    }

    private static IncidentAction Action(string text, string? owner, string? due)
    {
        ActionKind? kind = null;
        foreach (var known in Enum.GetValues<ActionKind>().Where(k => text.StartsWith($"{k}:", StringComparison.OrdinalIgnoreCase))) kind = known;
        if (kind is not null) text = text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        DateOnly? day = due is null ? null
            : DateOnly.TryParseExact(due, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var d) ? d
            : throw new RequestException($"--due '{due}' is not a day. Write it as 2026-03-15.");
        return new IncidentAction { Text = text, Kind = kind, Owner = owner, Due = day };
    }
}
