using System.Globalization;
using System.Text.Json;

namespace Serverless.Alerts;

/// <summary>An alert in words: what happened, where, how bad, since when.</summary>
public static class AlertText
{
    /// <summary><c>flights: check failed: completeness(delay)</c>, <c>flights: 3 checks failed</c>.</summary>
    public static string Title(Alert alert)
    {
        var members = Shown(alert);
        var subjects = members.Select(m => m.Subject).Distinct().ToArray();
        var where = alert.Subject ?? (subjects.Length == 1 ? subjects[0] : $"{subjects.Length} datasets or models");
        if (members.Count == 1)
        {
            var (one, _) = Words(members[0].Kind);
            if (members[0].Kind == SignalKind.RunFailed) return Line.One($"{where}: {members[0].Name} failed", 200);
            return Line.One(Plain(members[0]) ? $"{where}: {one}" : $"{where}: {one}: {members[0].Name}", 200);
        }

        var parts = members.GroupBy(m => m.Kind).Select(g => g.Count() == 1 ? $"1 {Words(g.Key).One}" : string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {Words(g.Key).Many}"));
        return Line.One($"{where}: {string.Join(", ", parts)}", 200);
    }

    /// <summary>A line for each signal, the worst first.</summary>
    public static IReadOnlyList<string> Details(Alert alert) => [.. Shown(alert).Select(m => Detail(m, alert.Subject is null))];

    /// <summary>The signals that fire, or did when it fired last.</summary>
    public static IReadOnlyList<AlertMember> Shown(Alert alert)
    {
        var firing = alert.Members.Where(m => m.Firing).ToArray();
        if (firing.Length == 0) firing = [.. alert.Members.Where(m => m.LastBad >= alert.FirstSeen)];
        if (firing.Length == 0) firing = [.. alert.Members];
        return [.. firing.OrderByDescending(m => m.Severity).ThenByDescending(m => m.LastBad).ThenBy(m => m.Name, StringComparer.Ordinal)];
    }

    /// <summary>Since when, how often, in whose hands.</summary>
    public static string Circumstances(Alert alert, DateTimeOffset now)
    {
        var looks = alert.Count == 1 ? "1 bad look" : string.Create(CultureInfo.InvariantCulture, $"{alert.Count} bad looks");
        if (alert.Status == AlertStatus.Resolved)
        {
            return $"It began at {Time(alert.FirstSeen)} and was over at {Time(alert.ResolvedAt ?? now)}, after {Span((alert.ResolvedAt ?? now) - alert.FirstSeen)} and {looks}.";
        }

        var again = alert.Episodes > 1 ? string.Create(CultureInfo.InvariantCulture, $" It has fired {alert.Episodes} times.") : "";
        var hands = alert.Acknowledged is { } a ? $" {Line.One(a.By, 80)} looks after it since {Time(a.At)}{(a.Comment is { Length: > 0 } c ? $": {Line.One(c, 200)}" : "")}." : "";
        return $"Severity {alert.Severity.ToString().ToLowerInvariant()}, since {Time(alert.FirstSeen)} ({Span(now - alert.FirstSeen)}), {looks}.{again}{hands}";
    }

    /// <summary>What to do next, with commands that can be typed as they are.</summary>
    public static IReadOnlyList<NextStep> Next(Alert alert)
    {
        var next = new List<NextStep>();
        var worst = Shown(alert).FirstOrDefault();
        if (worst is not null && Look(worst) is { } look) next.Add(look);
        next.Add(new("Everything about it", $"serverless-ml alerts show {alert.Id}"));
        if (alert.Incident is { } incident) next.Add(new("What is known and done", $"serverless-ml incidents show {incident}"));
        if (alert.Status == AlertStatus.Firing && alert.Acknowledged is null) next.Add(new("Take it in hand (no reminders)", $"serverless-ml alerts acknowledge {alert.Id} --comment \"...\""));
        return next;
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary><c>40 s</c>, <c>12 min</c>, <c>3 h 5 min</c>, <c>2 d 4 h</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        _ when span < TimeSpan.Zero => "0 s",
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h{(span.Minutes > 0 ? $" {span.Minutes} min" : "")}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays} d{(span.Hours > 0 ? $" {span.Hours} h" : "")}"),
    };

    /// <summary>What a kind of trouble is called, one and several.</summary>
    public static (string One, string Many) Words(SignalKind kind) => kind switch
    {
        SignalKind.Check => ("check failed", "checks failed"),
        SignalKind.Quarantine => ("rows in quarantine", "looks found rows in quarantine"),
        SignalKind.DropRejected => ("drop rejected", "drops rejected"),
        SignalKind.Anomaly => ("unusual value", "unusual values"),
        SignalKind.Drift => ("drift", "drifts"),
        SignalKind.UpstreamChange => ("change at the source", "changes at the source"),
        SignalKind.Arrival => ("data late or missing", "data late or missing"),
        SignalKind.Source => ("pull failed", "pulls failed"),
        SignalKind.RunFailed => ("run failed", "runs failed"),
        SignalKind.Gate => ("a new version does not go live", "new versions do not go live"),
        SignalKind.Serving => ("trouble serving", "troubles serving"),
        SignalKind.Rollout => ("trouble with a rollout", "troubles with rollouts"),
        _ => (JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()), JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString())),
    };

    // The name says nothing that the kind has not said.
    private static bool Plain(AlertMember member) =>
        member.Name.Equals(JsonNamingPolicy.KebabCaseLower.ConvertName(member.Kind.ToString()), StringComparison.OrdinalIgnoreCase) || member.Kind is SignalKind.Gate or SignalKind.Quarantine or SignalKind.Arrival;

    private static string Detail(AlertMember m, bool subject)
    {
        var message = Line.One(m.Message, 400);
        var head = message.Contains(m.Name, StringComparison.Ordinal) ? "" : m.Name;
        if (m.Period is { } period && !message.Contains(period, StringComparison.Ordinal)) head = head.Length == 0 ? period : $"{head} ({period})";
        if (subject) head = $"{m.Subject} {head}".Trim();
        var text = head.Length == 0 ? message : $"{head}: {message}";
        var value = m.Value is { } v && m.Expectation is { Length: > 0 } && !message.Contains(Number(v), StringComparison.Ordinal) ? Number(v) : null;
        var expected = m.Expectation is { Length: > 0 } e && !message.Contains(e, StringComparison.Ordinal) ? $"expected {e}" : null;
        var rest = string.Join(", ", new[] { value, expected }.Where(r => r is not null));
        return Line.One(rest.Length == 0 ? text : $"{text.TrimEnd('.')} ({rest})", 500);
    }

    private static string Number(double value) => Math.Round(value, 4).ToString("G", CultureInfo.InvariantCulture);

    private static NextStep? Look(AlertMember m) => m.Kind switch
    {
        SignalKind.Check => new("Look at the data", $"serverless-ml check {m.Subject}{Date(m)}"),
        SignalKind.Quarantine => new("What came in", $"serverless-ml history {m.Subject}"),
        SignalKind.Anomaly => new("Look at the data", $"serverless-ml profile {m.Subject}{Date(m)}"),
        SignalKind.Drift or SignalKind.UpstreamChange => new("Compare with the reference", $"serverless-ml drift {m.Subject}"),
        SignalKind.Arrival => new("What came in", $"serverless-ml history {m.Subject}"),
        SignalKind.Serving => new("Which versions there are", $"serverless-ml models show {m.Subject}"),
        SignalKind.Rollout => new("How the rollout stands", $"serverless-ml rollout show {m.Subject}"),
        _ when m.Run is { } run => new("What the run says", $"serverless-ml runs show {run}"),
        _ => new("What ran", $"serverless-ml runs {m.Subject}"),
    };

    private static string Date(AlertMember m) => m.Period is { Length: > 0 } p && !p.Contains("..", StringComparison.Ordinal) && p.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? $" --date {p}" : "";
}

/// <param name="What">What it is for.</param>
public sealed record NextStep(string What, string Command);
