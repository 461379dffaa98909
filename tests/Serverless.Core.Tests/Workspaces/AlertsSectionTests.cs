using Microsoft.Extensions.DependencyInjection;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Workspaces;

/// <summary><c>alerts:</c> of serverless.yaml.</summary>
public sealed class AlertsSectionTests : IDisposable
{
    private const string Good = """
        name: demo
        alerts:
          channels:
            team: { kind: slack, url: env:SLACK_URL }
            hook: { kind: webhook, url: "https://example.com/hook", secret: env:HOOK_KEY, timeout: 5s }
            mail: { kind: email, host: smtp.example.com, port: 465, tls: implicit, from: ml@example.com, to: [a@example.com, b@example.com], user: env:U, password: env:P }
          routes: { info: [], warning: team, error: [team, mail], critical: [hook, team, mail] }
          rules:
            - { name: delays, kind: [check, drift], subject: fli*, signal: "completeness(*)", atLeast: error, bad: 2, of: 3, for: 1h, good: 2, cooldown: 1d, group: signal }
            - { kind: gate, channels: [mail], severity: critical, quiet: { from: "22:00", to: "07:00", days: [saturday, sunday], zone: Europe/Paris, critical: true } }
            - { name: rest, mute: true }
        """;

    private readonly WorkspaceFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_EveryKey_IsRead()
    {
        var workspace = folder.Write("serverless.yaml", Good).Load();

        Problems().ShouldBeEmpty();
        workspace.Warnings.ShouldNotContain(w => w.File == "serverless.yaml");
        var alerts = workspace.Alerts;
        alerts.Channels.Keys.ShouldBe(["hook", "log", "mail", "team"]);
        alerts.Routes[Severity.Info].ShouldBeEmpty();
        alerts.Routes[Severity.Critical].ShouldBe(["hook", "team", "mail"]);
        var delays = alerts.Rules[0];
        (delays.Name, delays.AtLeast, delays.Bad, delays.Of, delays.Good, delays.Group).ShouldBe(("delays", Severity.Error, 2, 3, 2, AlertGroup.Signal));
        (delays.For, delays.Cooldown).ShouldBe((TimeSpan.FromHours(1), TimeSpan.FromDays(1)));
        delays.Kinds.ShouldBe([SignalKind.Check, SignalKind.Drift]);
        var gate = alerts.Rules[1];
        (gate.Name, gate.Severity, gate.Cooldown).ShouldBe(("rule-2", Severity.Critical, TimeSpan.FromHours(6)));
        gate.Channels.ShouldBe(["mail"]);
        gate.Quiet!.Days.ShouldBe([DayOfWeek.Saturday, DayOfWeek.Sunday]);
        (gate.Quiet.From, gate.Quiet.To, gate.Quiet.Zone.Id, gate.Quiet.Critical).ShouldBe((new TimeOnly(22, 0), new TimeOnly(7, 0), "Europe/Paris", true));
        alerts.Rules[2].Mute.ShouldBeTrue();
    }

    [Fact]
    public void Load_NoAlerts_IsTheBuiltInRuleToTheLog()
    {
        var alerts = folder.Load().Alerts;
        var rule = alerts.Rules.ShouldHaveSingleItem();
        (rule.Name, rule.AtLeast, rule.Bad, rule.Of, rule.Good, rule.Cooldown, rule.Group).ShouldBe(("default", Severity.Warning, 1, 1, 1, TimeSpan.FromHours(6), AlertGroup.Kind));
        alerts.Routes.Values.ShouldAllBe(r => r.SequenceEqual(new[] { "log" }));
    }

    [Theory]
    [InlineData("kind: slack", "kind: slak", "(4,19): channel 'team': unknown kind 'slak'. Did you mean 'slack'?")]
    [InlineData("url: env:SLACK_URL", "url: \"https://hooks.slack.com/services/T0/B0/x\"", "(4,31): channel 'team': 'url' must be env:NAME that holds the address of an incoming webhook: a secret is never written into a file.")]
    [InlineData("url: env:SLACK_URL", "uri: env:SLACK_URL", "(4,31): channel 'team': kind 'slack' has no key 'uri'. Did you mean 'url'?")]
    [InlineData(", url: env:SLACK_URL", "", "(4,19): channel 'team' needs 'url': env:NAME that holds the address of an incoming webhook.")]
    [InlineData("https://example.com/hook", "ftp://example.com/hook", "channel 'hook': 'url' must be an http(s) address, or env:NAME that holds one.")]
    [InlineData("https://example.com/hook", "https://me:pw@example.com/hook", "channel 'hook': 'url' must be an http(s) address, or env:NAME that holds one.")]
    [InlineData("secret: env:HOOK_KEY", "secret: abc", "channel 'hook': 'secret' must be env:NAME that holds the key of the signature: a secret is never written into a file.")]
    [InlineData("timeout: 5s", "timeout: 5m", "channel 'hook': 'timeout' must be a duration up to 60s.")]
    [InlineData("port: 465", "port: 70000", "channel 'mail': 'port' must be a port")]
    [InlineData("tls: implicit", "tls: implict", "channel 'mail': 'tls' must be how the connection is protected: starttls, implicit, none. Did you mean 'implicit'?")]
    [InlineData("a@example.com, b@example.com", "a@example.com, b", "channel 'mail': 'to' must be an e-mail address or a list of them.")]
    [InlineData("from: ml@example.com", "from: \"ml@example.com>\\r\\nBcc: x@example.com\"", "channel 'mail': 'from' must be an e-mail address.")]
    [InlineData(", password: env:P", "", "channel 'mail' needs both 'user' and 'password', or neither.")]
    [InlineData("team: { kind", "log: { kind", "(4,5): the channel 'log' is always there; give this one another name.")]
    [InlineData("team: { kind: slack, url: env:SLACK_URL }", "team: slack", "(4,11): channel 'team' must be a mapping")]
    [InlineData("warning: team", "warning: taem", "(7,32): there is no channel 'taem'. Did you mean 'team'?")]
    [InlineData("warning: team", "warnig: team", "(7,23): unknown key 'warnig' in routes. Did you mean 'warning'?")]
    [InlineData("channels: [mail]", "channels: [mial]", "there is no channel 'mial'. Did you mean 'mail'?")]
    [InlineData("kind: [check, drift]", "kind: [chek, drift]", "(9,30): 'kind' cannot be 'chek'. Did you mean 'check'?")]
    [InlineData("atLeast: error", "atLeast: eror", "'atLeast' cannot be 'eror'. Did you mean 'error'?")]
    [InlineData("bad: 2, of: 3", "bad: 4, of: 3", "'of' is 3, less than 'bad' 4: 4 bad looks among 3 cannot be.")]
    [InlineData("bad: 2", "bad: 0", "'bad' must be between 1 and 100, not 0.")]
    [InlineData("bad: 2", "bad: 1.5", "'bad' must be a whole number.")]
    [InlineData("cooldown: 1d", "cooldown: daily", "'cooldown' must be a duration such as 30d, 12h, 15m or 90s, not 'daily'.")]
    [InlineData("group: signal", "group: signl", "'group' cannot be 'signl'. Did you mean 'signal'? Allowed: signal, kind, subject, rule.")]
    [InlineData("from: \"22:00\"", "from: \"25:00\"", "'from' must be a time of day")]
    [InlineData("from: \"22:00\", ", "", "quiet has no 'from'; expected a time of day")]
    [InlineData("Europe/Paris", "Europe/Pari", "'zone' must be a time zone such as Europe/Paris or UTC, not 'Europe/Pari'. Did you mean 'Europe/Paris'?")]
    [InlineData("days: [saturday, sunday]", "days: [satturday]", "'days' cannot be 'satturday'. Did you mean 'saturday'?")]
    [InlineData("name: rest", "name: delays", "two rules are named 'delays'")]
    [InlineData("- { name: rest, mute: true }", "- rest", "(11,7): a rule is a mapping")]
    public void Load_OneMistake_IsNamed(string good, string bad, string expected)
    {
        Good.ShouldContain(good);
        folder.Write("serverless.yaml", Good.Replace(good, bad, StringComparison.Ordinal));
        Problems().ShouldContain(p => p.StartsWith("serverless.yaml", StringComparison.Ordinal) && p.Contains(expected, StringComparison.Ordinal), string.Join('\n', Problems()));
        Problems().Count.ShouldBeLessThan(5);
    }

    [Fact]
    public void Load_SeveralMistakes_AreSaidAtOnce()
    {
        folder.Write("serverless.yaml", Good.Replace("slack", "slak", StringComparison.Ordinal).Replace("warning: team", "warning: taem", StringComparison.Ordinal).Replace("bad: 2", "bad: 0", StringComparison.Ordinal));
        Problems().Count.ShouldBe(3);
    }

    [Fact]
    public void Load_ChannelInNoRoute_IsAWarning()
    {
        var workspace = folder.Write("serverless.yaml", "name: demo\nalerts:\n  channels:\n    team: { kind: slack, url: env:X }\n").Load();
        workspace.Warnings.Select(w => w.ToString()).ShouldContain("serverless.yaml(4,19): channel 'team' is in no route and no rule, so nobody hears of anything through it.");
    }

    [Fact]
    public void Load_AlertsIsAText_IsSaid()
    {
        folder.Write("serverless.yaml", "name: demo\nalerts: team\n");
        Problems().ShouldHaveSingleItem().ShouldBe("serverless.yaml(2,9): 'alerts' must be a mapping of channels, routes and rules.");
    }

    private IReadOnlyList<string> Problems()
    {
        var draft = WorkspaceLoader.Read(folder.Root);
        using var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddAlerts().BuildServiceProvider();
        try
        {
            draft.Accept(services.GetServices<IWorkspaceValidator>());
            return [];
        }
        catch (ConfigurationException e)
        {
            return [.. e.Problems.Select(p => p.ToString())];
        }
    }
}
