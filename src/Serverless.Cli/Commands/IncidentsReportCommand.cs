using System.CommandLine;
using Serverless.Alerts;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Incidents;

namespace Serverless.Cli.Commands;

/// <summary><c>incidents report [--by category]</c>: where to invest.</summary>
internal static class IncidentsReportCommand
{
    public static CommandSpec Create()
    {
        var by = new Option<string>("--by") { Description = "category, severity, subject or month.", HelpName = "WHAT", DefaultValueFactory = _ => "category" };
        var since = new Option<string?>("--since") { Description = "Only incidents noticed since then (UTC).", HelpName = "WHEN" };
        var command = new Command("report", "How many incidents of what kind there were, and how long they took (medians).") { by, since };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var grouping = IncidentsCommand.Choice<IncidentGrouping>("--by", context.Parsed.GetValue(by)) ?? IncidentGrouping.Category;
            DateTimeOffset? from = context.Parsed.GetValue(since) is { } when ? Dates.Moment(when) : null;
            var statistics = IncidentStatistics.Of([.. (await open.Get<IIncidents>().ListAsync(context.Cancel)).Where(i => from is null || i.DetectedAt >= from)], grouping);
            context.Output.Answer(new { by = grouping, count = statistics.Count, open = statistics.Open, groups = statistics.Groups }, screen =>
            {
                if (statistics.Count == 0)
                {
                    screen.Line("There are no incidents.");
                    return;
                }

                var table = Cells.Table(grouping.ToString(), ">Incidents", ">Open", ">To notice", ">Till over", ">To close", ">Actions left");
                foreach (var g in statistics.Groups) table.Row(g.Name, Cells.Count(g.Count), Cells.Count(g.Open), Span(g.SecondsToDetect), Span(g.SecondsToResolve), Span(g.SecondsToClose), Cells.Count(g.ActionsOpen));
                screen.Write(table);
                screen.Line("Times are medians: from the beginning to the notice, from the beginning to the end, from the notice to the closing.");
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml incidents report", "serverless-ml incidents report --by month --since 2026-01-01"],
        };
    }

    private static string Span(double? seconds) => seconds is { } s ? AlertText.Span(TimeSpan.FromSeconds(s)) : "";
}
