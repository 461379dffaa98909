using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Serverless.Alerts;

/// <summary>How an alert changes: pure functions of the alert, its rule, a signal and the time, so that calibration walks the same way as production.</summary>
internal static class AlertMachine
{
    private const int MaxSeen = 256;
    private const int MaxMembers = 500;

    /// <summary>What identifies the group that a signal belongs to.</summary>
    public static string Key(AlertRule rule, Signal signal) => string.Join('\u001f', rule.Group switch
    {
        AlertGroup.Signal => [rule.Name, Word(signal.Kind), signal.Subject, signal.Name],
        AlertGroup.Kind => [rule.Name, Word(signal.Kind), signal.Subject],
        AlertGroup.Subject => [rule.Name, signal.Subject],
        _ => new[] { rule.Name },
    });

    /// <summary>Readable and unique: the words of the group, then a hash of its key.</summary>
    public static string Id(AlertRule rule, Signal signal)
    {
        var words = rule.Group switch
        {
            AlertGroup.Signal => $"{signal.Subject}-{signal.Name}",
            AlertGroup.Kind => $"{signal.Subject}-{Word(signal.Kind)}",
            AlertGroup.Subject => signal.Subject,
            _ => rule.Name,
        };
        var slug = new StringBuilder();
        foreach (var c in words)
        {
            if (char.IsAsciiLetterOrDigit(c)) slug.Append(char.ToLowerInvariant(c));
            else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
            if (slug.Length == 48) break;
        }

        return $"{slug.ToString().Trim('-')}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key(rule, signal))).AsSpan(0, 3))}";
    }

    /// <summary>The alert after a look. Null when a good look meets no alert, or it was taken in before (the alert is as it was).</summary>
    public static Alert? Apply(Alert? before, AlertRule rule, Signal signal, DateTimeOffset now)
    {
        var identity = signal.Sequence;
        if (before is null && !signal.Bad) return null;
        if (before?.Seen.Contains(identity) == true) return null;
        var found = before?.Members.FirstOrDefault(m => Same(m, signal));
        if (found is null && !signal.Bad) return null;
        if (found is null && before?.Members.Count >= MaxMembers && !before.Members.Any(m => !m.Firing)) return null;

        var member = Look(found, rule, signal);
        var alert = before ?? new Alert
        {
            Id = Id(rule, signal), Rule = rule.Name, Status = AlertStatus.Pending, Severity = member.Severity, FirstSeen = signal.At, LastSeen = signal.At,
            Kind = rule.Group is AlertGroup.Signal or AlertGroup.Kind ? signal.Kind : null, Subject = rule.Group == AlertGroup.Rule ? null : signal.Subject,
        };
        AlertMember[] members = [.. alert.Members.Where(m => !Same(m, signal) && m.Looks.Length > 0), member];
        if (members.Length > MaxMembers) members = [.. members.OrderByDescending(m => m.Firing).ThenByDescending(m => m.LastBad).Take(MaxMembers)];
        alert = alert with { Seen = [.. alert.Seen.TakeLast(MaxSeen - 1), identity] };
        return Settle(alert, members, signal, now);
    }

    /// <summary>Adds what people are to be told now. The same alert when there is nothing new.</summary>
    public static Alert Plan(Alert alert, AlertRule rule, AlertSettings settings, DateTimeOffset now)
    {
        alert = Anchor(alert, now);
        return alert.Status switch
        {
            AlertStatus.Firing => PlanFiring(alert, rule, settings, now),
            AlertStatus.Resolved when alert.NotifiedEpisode == alert.Episodes && alert.OverEpisode != alert.Episodes => PlanResolved(alert, now),
            _ => alert,
        };
    }

    private static bool Same(AlertMember member, Signal signal) => member.Kind == signal.Kind && member.Subject == signal.Subject && member.Name == signal.Name;

    private static AlertMember Look(AlertMember? before, AlertRule rule, Signal signal)
    {
        var looks = (signal.Bad ? "b" : "g") + before?.Looks;
        if (looks.Length > Math.Max(rule.Of, rule.Good)) looks = looks[..Math.Max(rule.Of, rule.Good)];
        if (!signal.Bad)
        {
            var over = before!.Firing && looks.Length >= rule.Good && !looks.AsSpan(0, rule.Good).Contains('b');
            var well = over || (!before.Firing && !looks.Contains('b'));
            return before with { Looks = looks, Firing = before.Firing && !over, BadSince = well ? null : before.BadSince };
        }

        var severity = rule.Severity ?? signal.Severity;
        var since = before?.BadSince ?? signal.At;
        var bad = looks.AsSpan(0, Math.Min(looks.Length, rule.Of)).Count('b');
        return new AlertMember
        {
            Kind = signal.Kind, Subject = signal.Subject, Name = signal.Name, Looks = looks, BadSince = since, Severity = severity, LastBad = signal.At, Period = signal.Period,
            Value = signal.Value, Expectation = signal.Expectation, Message = signal.Message, Run = signal.Run,
            Firing = before?.Firing == true || (bad >= rule.Bad && signal.At - since >= rule.For),
            Untold = (before?.Untold ?? 0) + 1, NotifiedAt = before?.NotifiedAt, NotifiedSeverity = before?.NotifiedSeverity,
        };
    }

    private static Alert Settle(Alert alert, AlertMember[] members, Signal signal, DateTimeOffset now)
    {
        var firing = members.Where(m => m.Firing).ToArray();
        var after = alert with
        {
            Members = members, Count = alert.Count + (signal.Bad ? 1 : 0), LastSeen = signal.Bad ? signal.At : alert.LastSeen,
            Severity = firing.Length > 0 ? firing.Max(m => m.Severity) : alert.Severity,
        };
        if (firing.Length > 0 && alert.Status != AlertStatus.Firing)
        {
            return after with
            {
                Status = AlertStatus.Firing, FiredAt = now, ResolvedAt = null, Episodes = alert.Episodes + 1, Acknowledged = null,
                FirstSeen = firing.Min(m => m.BadSince) ?? signal.At, Count = members.Where(m => m.BadSince is not null).Sum(m => m.Looks.Count(c => c == 'b')),

                // What fired in earlier episodes and is well now would only confuse; when it was told of is still needed for its cooldown.
                Members = [.. members.Where(m => m.BadSince is not null || m.NotifiedAt is not null)],
            };
        }

        return firing.Length == 0 && alert.Status == AlertStatus.Firing ? after with { Status = AlertStatus.Resolved, ResolvedAt = now } : after;
    }

    /// <summary>Times that lie in the future were written by a clock that has gone back since: they count as now, so that no pause is longer than it was meant to be.</summary>
    private static Alert Anchor(Alert alert, DateTimeOffset now)
    {
        if (!(alert.NotifiedAt > now) && !alert.Members.Any(m => m.NotifiedAt > now)) return alert;
        return alert with
        {
            NotifiedAt = alert.NotifiedAt > now ? now : alert.NotifiedAt,
            Members = [.. alert.Members.Select(m => m.NotifiedAt > now ? m with { NotifiedAt = now } : m)],
        };
    }

    private static Alert PlanFiring(Alert alert, AlertRule rule, AlertSettings settings, DateTimeOffset now)
    {
        var firing = alert.Members.Where(m => m.Firing).ToArray();
        var worse = firing.Any(m => m.NotifiedSeverity is { } told && m.Severity > told);
        var news = worse || (alert.Acknowledged is null && firing.Any(m => m.NotifiedAt is not { } told || (m.Untold > 0 && now - told >= rule.Cooldown)));
        if (!news || (!worse && alert.NotifiedAt is { } last && now - last < AlertOptions.Gather)) return alert;

        // An unsent message will tell of this too: it is composed when it is sent.
        var kind = alert.NotifiedEpisode == alert.Episodes ? NotificationKind.Reminder : NotificationKind.Firing;
        var waiting = alert.Notifications.Where(n => n.Status == NotificationStatus.Waiting && n.Kind != NotificationKind.Resolved).Select(n => n.Channel).ToHashSet();
        var channels = rule.Channels ?? settings.Routes[alert.Severity];
        var after = Add(alert, kind, channels.Where(c => !waiting.Contains(c)), now);
        return after with
        {
            NotifiedAt = now, NotifiedEpisode = alert.Episodes,
            Members = [.. after.Members.Select(m => m.Firing ? m with { NotifiedAt = now, NotifiedSeverity = m.Severity, Untold = 0 } : m)],
        };
    }

    private static Alert PlanResolved(Alert alert, DateTimeOffset now)
    {
        var told = new List<string>();
        foreach (var n in alert.Notifications.Reverse().TakeWhile(n => n.Kind != NotificationKind.Resolved))
        {
            if (n.Status is NotificationStatus.Sent or NotificationStatus.Waiting && !told.Contains(n.Channel)) told.Insert(0, n.Channel);
        }

        var superseded = alert with
        {
            OverEpisode = alert.Episodes,
            Notifications = [.. alert.Notifications.Select(n => n.Status == NotificationStatus.Waiting ? n with { Status = NotificationStatus.Superseded } : n)],
        };
        return Add(superseded, NotificationKind.Resolved, told, now);
    }

    private static Alert Add(Alert alert, NotificationKind kind, IEnumerable<string> channels, DateTimeOffset now)
    {
        var sequence = alert.Sequence;
        var added = channels.Select(channel => new Notification
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{alert.Id}.{++sequence}"), Kind = kind, Channel = channel, Severity = alert.Severity,
            Status = NotificationStatus.Waiting, CreatedAt = now,
        }).ToArray();
        var open = alert.Notifications.Count(n => n.Status == NotificationStatus.Waiting);
        var old = alert.Notifications.Where(n => n.Status != NotificationStatus.Waiting).TakeLast(Math.Max(0, AlertOptions.KeptNotifications - open)).ToHashSet();
        return alert with { Sequence = sequence, Notifications = [.. alert.Notifications.Where(n => n.Status == NotificationStatus.Waiting || old.Contains(n)), .. added] };
    }

    private static string Word(SignalKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());
}
