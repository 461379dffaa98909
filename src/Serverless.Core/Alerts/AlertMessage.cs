using Serverless.Datasets;

namespace Serverless.Alerts;

/// <summary>What a channel carries: the same facts for each, in words and as data.</summary>
public sealed record AlertMessage
{
    /// <summary>The same at every attempt.</summary>
    public required string Id { get; init; }

    public required NotificationKind Kind { get; init; }

    public required string Workspace { get; init; }

    /// <summary>Id of the alert.</summary>
    public required string Alert { get; init; }

    public required string Rule { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>One line: where, and what happened.</summary>
    public required string Title { get; init => field = Line.One(value, 200); }

    /// <summary>A line for each signal.</summary>
    public required IReadOnlyList<string> Details { get; init; }

    /// <summary>How bad, since when, how often.</summary>
    public required string Circumstances { get; init; }

    public required IReadOnlyList<NextStep> Next { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The alert itself; null for a test.</summary>
    public Alert? Source { get; init; }

    /// <summary>How it begins: <c>Error</c>, <c>Still error</c>, <c>Over</c>, <c>Test</c>.</summary>
    public string Word => Kind switch
    {
        NotificationKind.Resolved => "Over",
        NotificationKind.Test => "Test",
        NotificationKind.Reminder => $"Still {Severity.ToString().ToLowerInvariant()}",
        _ => Severity.ToString(),
    };

    /// <summary>Everything that matters in one line.</summary>
    public string OneLine
    {
        get
        {
            var detail = Details.Count == 1 ? $"{Details[0].TrimEnd('.')}. " : "";
            return Line.One($"{Word}: {Title}. {detail}{(Source is null ? "" : $"serverless-ml alerts show {Alert}")}", 900);
        }
    }

    /// <summary>Where the message comes from.</summary>
    public string Origin => $"serverless-ml, workspace {Workspace}, rule {Rule}, alert {Alert}, message {Id}";

    public static AlertMessage Of(string workspace, Alert alert, Notification notification, DateTimeOffset now) => new()
    {
        Id = notification.Id, Kind = notification.Kind, Workspace = workspace, Alert = alert.Id, Rule = alert.Rule, Severity = alert.Severity, Title = AlertText.Title(alert),
        Details = AlertText.Details(alert), Circumstances = AlertText.Circumstances(alert, now), Next = AlertText.Next(alert), At = now, Source = alert,
    };

    /// <summary>A message that says it is a test.</summary>
    public static AlertMessage Test(string workspace, string channel, string id, DateTimeOffset now) => new()
    {
        Id = id, Kind = NotificationKind.Test, Workspace = workspace, Alert = "test", Rule = "test", Severity = Severity.Info, Title = $"channel '{channel}' of workspace '{workspace}' works",
        Details = ["Somebody asked for this message; nothing is wrong."], Circumstances = $"Sent at {AlertText.Time(now)}.", Next = [new("Who is told of what", "serverless-ml alerts")], At = now,
    };

    /// <summary>The message as data, as the <c>webhook</c> channel posts it.</summary>
    public object Document() => new
    {
        schemaVersion = 1,
        id = Id,
        @event = Kind,
        workspace = Workspace,
        title = Title,
        text = string.Join('\n', Details.Append(Circumstances)),
        sentAt = At,
        next = Next,
        alert = new
        {
            id = Alert,
            rule = Rule,
            severity = Severity,
            status = Source?.Status,
            subject = Source?.Subject,
            kind = Source?.Kind,
            since = Source?.FirstSeen,
            lastSeen = Source?.LastSeen,
            firedAt = Source?.FiredAt,
            resolvedAt = Source?.ResolvedAt,
            count = Source?.Count,
            incident = Source?.Incident,
            signals = (Source is null ? [] : AlertText.Shown(Source)).Select(m => new
            {
                kind = m.Kind, subject = m.Subject, name = m.Name, severity = m.Severity, period = m.Period, value = m.Value, expectation = m.Expectation, message = m.Message, run = m.Run, at = m.LastBad,
            }),
        },
    };
}
