using System.Text.Json.Serialization;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Incidents;

namespace Serverless.Web.Alerts;

/// <param name="Next">Value of <c>?after=</c> for the next page; null on the last.</param>
internal sealed record AlertList(int Firing, IReadOnlyList<AlertSummary> Alerts, string? Next);

internal sealed record AlertSummary(
    string Id, AlertStatus Status, Severity Severity, string Title, string Rule, SignalKind? Kind, string? Subject, DateTimeOffset Since, DateTimeOffset LastSeen, DateTimeOffset? FiredAt,
    DateTimeOffset? ResolvedAt, int Count, int Episodes, Acknowledgement? Acknowledged, string? Incident, int Waiting, int Failed)
{
    public static AlertSummary Of(Alert a) => new(a.Id, a.Status, a.Severity, AlertText.Title(a), a.Rule, a.Kind, a.Subject, a.FirstSeen, a.LastSeen, a.FiredAt, a.ResolvedAt, a.Count, a.Episodes,
        a.Acknowledged, a.Incident, a.Notifications.Count(n => n.Status == NotificationStatus.Waiting), a.Notifications.Count(n => n.Status == NotificationStatus.Failed));
}

internal sealed record AlertDetail(AlertSummary Alert, IReadOnlyList<AlertMember> Signals, IReadOnlyList<Notification> Notifications);

/// <param name="Next">Value of <c>?after=</c> for the next page; null on the last.</param>
internal sealed record IncidentList(int Open, IReadOnlyList<Incident> Incidents, string? Next);

internal sealed record IncidentDetail(Incident Incident, IReadOnlyList<TimelineEntry> Timeline);

/// <summary>What a caller says of an incident: all of it when it is opened (<c>title</c> is needed), what is new when it is updated.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record IncidentBody
{
    public string? Title { get; init; }

    public Severity? Severity { get; init; }

    public IncidentCategory? Category { get; init; }

    public string? Impact { get; init; }

    public string? Cause { get; init; }

    public DateTimeOffset? BeganAt { get; init; }

    public DateTimeOffset? OverAt { get; init; }

    public string? Note { get; init; }

    public IReadOnlyList<string>? Subjects { get; init; }

    public IReadOnlyList<ActionBody>? Actions { get; init; }

    /// <summary>Numbers (from 1) of actions that are done.</summary>
    public IReadOnlyList<int>? Done { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ActionBody
{
    public required string Text { get; init; }

    public ActionKind? Kind { get; init; }

    public string? Owner { get; init; }

    public DateOnly? Due { get; init; }
}
