using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Alerts;
using Serverless.Datasets;

namespace Serverless.Incidents;

/// <summary>
/// Opens an incident for an alert of error or worse, and writes what becomes of the alert into its timeline: while the incident is open, the alert's further episodes belong
/// to it. What was told is marked at the alert; everything is derived from the alert, so that telling twice is telling once.
/// </summary>
internal sealed class IncidentWatch(IncidentRecords incidents, AlertRecords alerts)
{
    /// <summary>The alert, with its incident if it has one now.</summary>
    public async Task<Alert> TellAsync(Alert alert, CancellationToken cancel)
    {
        if (alert.Status == AlertStatus.Pending || alert.Episodes == 0) return alert;
        if (alert.Incident is null && alert.Severity < Severity.Error) return alert;
        var mark = Mark(alert);
        if (alert.IncidentMark == mark) return alert;

        var known = alert.Incident is { } id && await incidents.GetAsync(id, cancel) is { Incident.Status: IncidentStatus.Open } open ? open.Incident : null;
        if (known is null && (alert.Severity < Severity.Error || SameEpisode(alert)))
        {
            // Closed by a person, or nothing to open: the mark alone.
            return await MarkAsync(alert, alert.Incident, mark, cancel);
        }

        known ??= await OpenAsync(alert, cancel);
        await AddAsync(known.Id, alert, mark, cancel);
        return await MarkAsync(alert, known.Id, mark, cancel);
    }

    private async Task<Incident> OpenAsync(Alert alert, CancellationToken cancel)
    {
        var fired = alert.FiredAt ?? alert.LastSeen;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{alert.Id}:{alert.Episodes}"))).AsSpan(0, 3));
        var head = new Incident
        {
            Id = IncidentRecords.NewId(fired, hash), Title = AlertText.Title(alert), Severity = alert.Severity, Status = IncidentStatus.Open,
            BeganAt = alert.FirstSeen < fired ? alert.FirstSeen : fired, DetectedAt = fired, OpenedBy = $"alert:{alert.Id}", Alerts = [alert.Id], UpdatedAt = fired,
        };
        await incidents.InsertAsync(head, cancel);
        return head;
    }

    private async Task AddAsync(string id, Alert alert, string mark, CancellationToken cancel)
    {
        var over = alert.Status == AlertStatus.Resolved;

        // It fired and ended between two looks: the story needs its beginning, and before its end.
        if (over && !SameEpisode(alert)) await incidents.AddAsync(id, new TimelineEntry((alert.FiredAt ?? alert.LastSeen).AddMilliseconds(-1), $"alert:{alert.Id}", What(alert)), $"fired:{mark}", cancel);
        var at = over ? alert.ResolvedAt ?? alert.LastSeen : alert.NotifiedAt ?? alert.FiredAt ?? alert.LastSeen;
        var text = over ? $"alert {alert.Id} is over" : What(alert);
        await incidents.AddAsync(id, new TimelineEntry(at, $"alert:{alert.Id}", text), mark, cancel);
        var shown = AlertText.Shown(alert);
        await incidents.ReplaceAsync(id, head => head.Status == IncidentStatus.Closed ? head : head with
        {
            OverAt = over ? head.OverAt ?? at : null,
            Severity = alert.Severity > head.Severity && !over ? alert.Severity : head.Severity,
            Alerts = [.. head.Alerts.Union([alert.Id])],
            Subjects = [.. head.Subjects.Union(shown.Select(m => m.Subject)).Take(50)],
            Runs = [.. head.Runs.Union(shown.Select(m => m.Run).OfType<string>()).Take(50)],
            Periods = [.. head.Periods.Union(shown.Select(m => m.Period).OfType<string>()).Take(100)],
            UpdatedAt = at > head.UpdatedAt ? at : head.UpdatedAt,
        }, cancel);
    }

    private static string What(Alert alert) =>
        $"alert {alert.Id} ({alert.Severity.ToString().ToLowerInvariant()}): {AlertText.Title(alert)}\n{string.Join('\n', AlertText.Details(alert).Take(20))}".TrimEnd();

    private async Task<Alert> MarkAsync(Alert alert, string? incident, string mark, CancellationToken cancel) =>
        await alerts.UpdateAsync(alert.Id, a => a is null || a.IncidentMark == mark ? a : a with { Incident = incident, IncidentMark = mark }, cancel) ?? alert;

    private static string Mark(Alert alert) => string.Create(CultureInfo.InvariantCulture,
        $"{(alert.Status == AlertStatus.Resolved ? "over" : "fired")}:{alert.Episodes}:{(alert.Status == AlertStatus.Resolved ? 0 : alert.NotifiedAt?.UtcTicks ?? 0)}");

    // A person closed the incident while the alert goes on: that episode opens no second one.
    private static bool SameEpisode(Alert alert) =>
        alert.Incident is not null && alert.IncidentMark?.Split(':') is [_, var episode, ..] && episode == alert.Episodes.ToString(CultureInfo.InvariantCulture);
}
