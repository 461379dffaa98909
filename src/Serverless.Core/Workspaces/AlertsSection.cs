using System.Globalization;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary><c>alerts:</c> of serverless.yaml. What the kinds of channels ask for is judged by <see cref="ChannelValidator"/>.</summary>
internal static class AlertsSection
{
    private const string Channels = "channels by name, such as 'team: { kind: slack, url: env:SLACK_URL }'";
    private const string Routes = "channels by severity, such as 'error: [team, mail]'";
    private const string Rules = "a list of rules, such as '- { kind: drift, severity: info }'";
    private const int MostLooks = 100;

    public static AlertSettings Read(Section top, ProblemLog problems)
    {
        if (top.MapOf("alerts", "a mapping of channels, routes and rules") is not { } map) return AlertSettings.Default;
        var s = new Section(map, "alerts", top.File, problems);
        var channels = ReadChannels(s, problems);
        var used = new HashSet<string>(StringComparer.Ordinal);

        // A channel that is wrong is no channel that is missing: one complaint is enough.
        string[] declared = [.. channels.Keys.Union((s.Node("channels") as YamlMap)?.Entries.Select(e => e.Key.Text) ?? [])];
        var routes = ReadRoutes(s, declared, used, problems);
        var rules = s.ListOf("rules", Rules).Select((r, i) => Rule(r, i + 1, s, declared, used, problems)).OfType<AlertRule>().ToArray();
        foreach (var twice in rules.GroupBy(r => r.Name).Where(g => g.Count() > 1)) s.Error(s.At("rules"), $"two rules are named '{twice.Key}'; alerts are told apart by the names of their rules.");
        foreach (var idle in channels.Values.Where(c => c.Line > 0 && !used.Contains(c.Name)))
        {
            problems.Warnings.Add(new Problem($"channel '{idle.Name}' is in no route and no rule, so nobody hears of anything through it.", top.File, idle.Line, idle.Column));
        }

        return new AlertSettings { Channels = channels, Routes = routes, Rules = s.Node("rules") is null ? AlertSettings.Default.Rules : rules };
    }

    private static SortedDictionary<string, ChannelDefinition> ReadChannels(Section parent, ProblemLog problems)
    {
        var found = new SortedDictionary<string, ChannelDefinition>(StringComparer.Ordinal)
        {
            [AlertSettings.LogChannel] = AlertSettings.Default.Channels[AlertSettings.LogChannel],
        };
        foreach (var (key, value) in parent.MapOf("channels", Channels)?.Entries ?? [])
        {
            if (!SafeName.Is(key.Text)) parent.Error(key, $"'{key.Text}' cannot be the name of a channel: {SafeName.Rule}.");
            else if (key.Text == AlertSettings.LogChannel) parent.Error(key, "the channel 'log' is always there; give this one another name.");
            else if (value is not YamlMap map) parent.Error(value, $"channel '{key.Text}' must be a mapping, such as '{{ kind: webhook, url: env:ALERTS_URL }}'.");
            else
            {
                var s = new Section(map, "channel", parent.File, problems, open: true);
                if (s.Node("kind") is null) s.Missing("kind", "log, webhook, slack, teams or email");
                if (s.Text("kind") is { } kind) found[key.Text] = new ChannelDefinition { Name = key.Text, Kind = kind, Parameters = s.Others(), Line = s.At("kind").Line, Column = s.At("kind").Column };
            }
        }

        return found;
    }

    private static Dictionary<Severity, IReadOnlyList<string>> ReadRoutes(Section parent, IReadOnlyCollection<string> channels, HashSet<string> used, ProblemLog problems)
    {
        var routes = Enum.GetValues<Severity>().ToDictionary(v => v, _ => (IReadOnlyList<string>)[AlertSettings.LogChannel]);
        if (parent.MapOf("routes", Routes) is not { } map) return routes;
        var s = new Section(map, "routes", parent.File, problems);
        foreach (var severity in routes.Keys.ToArray())
        {
            if (ChannelNames(s, severity.ToString().ToLowerInvariant(), channels, used) is { } names) routes[severity] = names;
        }

        return routes;
    }

    private static IReadOnlyList<string>? ChannelNames(Section s, string key, IReadOnlyCollection<string> channels, HashSet<string> used)
    {
        if (Items(s, key, "a channel or a list of channels") is not { } items) return null;
        foreach (var item in items.Where(i => !channels.Contains(i.Text))) s.Error(item, $"there is no channel '{item.Text}'.{Suggest.Hint(item.Text, channels)}");
        foreach (var item in items) used.Add(item.Text);
        return [.. items.Select(i => i.Text).Where(channels.Contains).Distinct()];
    }

    private static AlertRule? Rule(YamlNode node, int number, Section parent, IReadOnlyCollection<string> channels, HashSet<string> used, ProblemLog problems)
    {
        if (node is not YamlMap map)
        {
            parent.Error(node, "a rule is a mapping, such as '{ kind: check, subject: flights, cooldown: 12h }'.");
            return null;
        }

        var s = new Section(map, "rule", parent.File, problems);
        var usual = AlertRule.BuiltIn;
        var name = s.Node("name") is null ? string.Create(CultureInfo.InvariantCulture, $"rule-{number}") : s.Name("name") ?? "";
        int bad = Whole(s, "bad", 1) ?? usual.Bad, good = Whole(s, "good", 1) ?? usual.Good;
        var of = Whole(s, "of", 1) ?? bad;
        if (of < bad) s.Error(s.At("of"), $"'of' is {of}, less than 'bad' {bad}: {bad} bad looks among {of} cannot be.");
        return new AlertRule
        {
            Name = name,
            Kinds = Kinds(s),
            Subjects = Globs(s, "subject", "a dataset or model, or a list of them; * stands for anything"),
            Signals = Globs(s, "signal", "the name of a signal such as \"completeness(*)\", or a list of them"),
            AtLeast = s.Choice<Severity>("atLeast") ?? usual.AtLeast,
            Bad = bad,
            Of = of,
            Good = good,
            For = s.Duration("for", zero: true) ?? usual.For,
            Cooldown = s.Duration("cooldown", zero: true) ?? usual.Cooldown,
            Quiet = Quiet(s, problems),
            Severity = s.Choice<Severity>("severity"),
            Group = s.Choice<AlertGroup>("group") ?? usual.Group,
            Channels = ChannelNames(s, "channels", channels, used),
            Mute = s.Flag("mute"),
        };
    }

    private static IReadOnlyList<SignalKind> Kinds(Section s) =>
        Items(s, "kind", "a kind or a list of kinds") is { } items ? [.. items.Select(i => s.Choice<SignalKind>("kind", i)).OfType<SignalKind>()] : [];

    private static IReadOnlyList<string> Globs(Section s, string key, string expected) => Items(s, key, expected) is { } items ? [.. items.Select(i => i.Text)] : [];

    private static QuietHours? Quiet(Section parent, ProblemLog problems)
    {
        const string Expected = "a mapping, such as '{ from: \"22:00\", to: \"07:00\", zone: Europe/Paris }'";
        if (parent.MapOf("quiet", Expected) is not { } map) return null;
        var s = new Section(map, "quiet", parent.File, problems);
        foreach (var key in new[] { "from", "to" }.Where(k => s.Node(k) is null)) s.Missing(key, "a time of day such as \"22:00\"");
        var days = Items(s, "days", "a list of days") is { } items ? items.Select(i => s.Choice<DayOfWeek>("days", i)).OfType<DayOfWeek>().ToArray() : [];
        return s.Time("from") is { } from && s.Time("to") is { } to
            ? new QuietHours { From = from, To = to, Days = days, Zone = Zone(s), Critical = s.Flag("critical") } : null;
    }

    private static TimeZoneInfo Zone(Section s)
    {
        if (s.Scalar("zone", "a time zone such as Europe/Paris") is not { } zone) return TimeZoneInfo.Utc;
        if (TimeZoneInfo.TryFindSystemTimeZoneById(zone.Text, out var found)) return found;
        var close = Suggest.Closest(zone.Text, TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id)) is { } c ? $" Did you mean '{c}'?" : "";
        s.Error(zone, $"'zone' must be a time zone such as Europe/Paris or UTC, not '{zone.Text}'.{close}");
        return TimeZoneInfo.Utc;
    }

    private static int? Whole(Section s, string key, int min)
    {
        if (s.Number(key, min, MostLooks) is not { } value) return null;
        if (value == Math.Truncate(value)) return (int)value;
        s.Error(s.At(key), $"'{key}' must be a whole number.");
        return null;
    }

    /// <summary>A text or a list of texts. Null when the key is absent.</summary>
    private static IReadOnlyList<YamlScalar>? Items(Section s, string key, string expected)
    {
        switch (s.Node(key))
        {
            case null: return null;
            case YamlScalar one: return [one];
            case YamlList list:
                foreach (var item in list.Items.Where(i => i is not YamlScalar)) s.Error(item, $"'{key}' must be {expected}.");
                return [.. list.Items.OfType<YamlScalar>()];
            case { } other:
                s.Error(other, $"'{key}' must be {expected}.");
                return [];
        }
    }
}
