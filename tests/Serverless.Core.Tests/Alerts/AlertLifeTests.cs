using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Core.Tests.Alerts;

/// <summary>When an alert fires, is told, and ends.</summary>
public sealed class AlertLifeTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Bad_Once_FiresAndIsToldOnce()
    {
        using var bench = new AlertBench();

        await bench.LookAsync(bad: true, period: "2001-01-05");

        var alert = await bench.TheAlertAsync();
        (alert.Status, alert.Severity, alert.Count, alert.Episodes).ShouldBe((AlertStatus.Firing, Severity.Warning, 1, 1));
        (alert.FirstSeen, alert.LastSeen, alert.FiredAt).ShouldBe((AlertBench.Noon, AlertBench.Noon, AlertBench.Noon));
        alert.Id.ShouldStartWith("flights-check-");
        var message = bench.Channel.Taken.ShouldHaveSingleItem();
        message.Title.ShouldBe("flights: check failed: completeness(delay)");
        message.Details.ShouldBe(["2001-01-05: completeness(delay) is 0.61 (expected completeness(delay) >= 0.95)"]);
        alert.Notifications.ShouldHaveSingleItem().Status.ShouldBe(NotificationStatus.Sent);
    }

    [Fact]
    public async Task Good_WithoutAlert_LeavesNothing()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(bad: false);
        (await bench.Alerts.ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Info_BelowTheRule_MakesNoAlert()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(bad: true, severity: Severity.Info);
        (await bench.Alerts.ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Good_AfterFiring_EndsItAndSaysSo()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(bad: true);
        bench.Time.Advance(Hour);
        await bench.LookAsync(bad: false);

        var alert = await bench.TheAlertAsync();
        (alert.Status, alert.ResolvedAt).ShouldBe((AlertStatus.Resolved, AlertBench.Noon + Hour));
        bench.Channel.Taken.Select(t => t.Kind).ShouldBe([NotificationKind.Firing, NotificationKind.Resolved]);
        bench.Channel.Taken[1].Circumstances.ShouldBe("It began at 2026-03-02 12:00 UTC and was over at 2026-03-02 13:00 UTC, after 1 h and 1 bad look.");
    }

    // b = bad, g = good; F = fires then, . = does not, E = ends then
    [Theory]
    [InlineData(1, 1, 1, "bgb", "FEF")]
    [InlineData(2, 2, 1, "bgbb", "...F")]
    [InlineData(2, 3, 1, "bgb", "..F")]
    [InlineData(2, 3, 1, "bggb", "....")]
    [InlineData(3, 5, 1, "bgbgb", "....F")]
    [InlineData(1, 1, 3, "bggbggg", "F.....E")]
    [InlineData(2, 2, 2, "bbgbgg", ".F...E")]
    public async Task Hysteresis_SoManyOfSoMany_FiresAndEndsThen(int bad, int of, int good, string looks, string expected)
    {
        using var bench = new AlertBench(AlertBench.Routed(new AlertRule { Name = "r", Bad = bad, Of = of, Good = good }));
        var found = "";
        foreach (var look in looks)
        {
            var before = (await bench.Alerts.ListAsync()).SingleOrDefault()?.Status ?? AlertStatus.Pending;
            await bench.LookAsync(look == 'b');
            var after = (await bench.Alerts.ListAsync()).SingleOrDefault()?.Status ?? AlertStatus.Pending;
            found += before != AlertStatus.Firing && after == AlertStatus.Firing ? 'F' : before == AlertStatus.Firing && after == AlertStatus.Resolved ? 'E' : '.';
            bench.Time.Advance(Minute);
        }

        found.ShouldBe(expected);
    }

    [Fact]
    public async Task For_BadNotLongEnough_WaitsUntilItIs()
    {
        using var bench = new AlertBench(AlertBench.Routed(new AlertRule { Name = "r", For = Hour }));
        await bench.LookAsync(bad: true);
        bench.Time.Advance(59 * Minute);
        await bench.LookAsync(bad: true);
        (await bench.TheAlertAsync()).Status.ShouldBe(AlertStatus.Pending);
        bench.Time.Advance(Minute);
        await bench.LookAsync(bad: true);

        var alert = await bench.TheAlertAsync();
        (alert.Status, alert.FirstSeen, alert.FiredAt).ShouldBe((AlertStatus.Firing, AlertBench.Noon, AlertBench.Noon + Hour));
    }

    [Fact]
    public async Task For_AGoodLookBetween_BeginsAnew()
    {
        using var bench = new AlertBench(AlertBench.Routed(new AlertRule { Name = "r", For = Hour }));
        await bench.LookAsync(bad: true);
        bench.Time.Advance(30 * Minute);
        await bench.LookAsync(bad: false);
        bench.Time.Advance(30 * Minute);
        await bench.LookAsync(bad: true);
        (await bench.TheAlertAsync()).Status.ShouldBe(AlertStatus.Pending);
    }

    [Fact]
    public async Task Cooldown_GoesOn_IsToldAgainOnlyAfterIt()
    {
        using var bench = new AlertBench(AlertBench.Routed(new AlertRule { Name = "r", Cooldown = 6 * Hour }));
        for (var hour = 0; hour <= 13; hour++)
        {
            await bench.LookAsync(bad: true);
            bench.Time.Advance(Hour);
        }

        bench.Channel.Taken.Select(t => (t.At - AlertBench.Noon).TotalHours).ShouldBe([0, 6, 12]);
        bench.Channel.Taken.Select(t => t.Kind).ShouldBe([NotificationKind.Firing, NotificationKind.Reminder, NotificationKind.Reminder]);
        (await bench.TheAlertAsync()).Count.ShouldBe(14);
    }

    [Fact]
    public async Task Cooldown_NothingNew_RemindsNobody()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(bad: true);
        bench.Time.Advance(TimeSpan.FromDays(3));
        await bench.TickAsync();
        bench.Channel.Taken.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cooldown_BecomesWorse_IsToldAtOnce()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(bad: true);
        bench.Time.Advance(Minute);
        await bench.LookAsync(bad: true, severity: Severity.Critical);
        bench.Channel.Taken.Select(t => t.Severity).ShouldBe([Severity.Warning, Severity.Critical]);
    }

    [Fact]
    public async Task Flapping_WithinTheCooldown_IsToldOnceThenWhenItIsOver()
    {
        using var bench = new AlertBench();
        foreach (var bad in new[] { true, false, true, false, true })
        {
            await bench.LookAsync(bad);
            bench.Time.Advance(10 * Minute);
        }

        bench.Channel.Taken.Select(t => t.Kind).ShouldBe([NotificationKind.Firing, NotificationKind.Resolved]);
        (await bench.TheAlertAsync()).Episodes.ShouldBe(3);

        // It still fires when the cooldown ends: then people hear of it, without a further look.
        bench.Time.Advance(6 * Hour);
        await bench.TickAsync();
        bench.Channel.Taken.Count.ShouldBe(3);
        bench.Channel.Taken[2].Kind.ShouldBe(NotificationKind.Firing);
        bench.Channel.Taken[2].Circumstances.ShouldContain("It has fired 3 times.");
    }

    [Fact]
    public async Task Group_SeveralChecks_AreOneMessage()
    {
        using var bench = new AlertBench();
        await bench.Signals.PublishAsync([bench.Signal(true, "size", Severity.Error), bench.Signal(true, "completeness(delay)"), bench.Signal(false, "uniqueness(id)"), bench.Signal(true, "min(distance)")]);
        await bench.TickAsync();

        var message = bench.Channel.Taken.ShouldHaveSingleItem();
        message.Title.ShouldBe("flights: 3 checks failed");
        message.Severity.ShouldBe(Severity.Error);
        message.Details.Count.ShouldBe(3);
        message.Details[0].ShouldContain("size is 0.61");
    }

    [Fact]
    public async Task Group_OneOfTwoIsWell_GoesOnFiring()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(true, "a");
        await bench.LookAsync(true, "b");
        await bench.LookAsync(false, "a");
        (await bench.TheAlertAsync()).Status.ShouldBe(AlertStatus.Firing);
        await bench.LookAsync(false, "b");
        (await bench.TheAlertAsync()).Status.ShouldBe(AlertStatus.Resolved);
    }

    [Fact]
    public async Task Group_AnotherCheckFailsLater_IsToldAfterAWhileDespiteTheCooldown()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(true, "a");
        bench.Time.Advance(Minute);
        await bench.LookAsync(true, "b");
        bench.Channel.Taken.Count.ShouldBe(1);
        bench.Time.Advance(5 * Minute);
        await bench.TickAsync();
        bench.Channel.Taken.Count.ShouldBe(2);
        bench.Channel.Taken[1].Title.ShouldBe("flights: 2 checks failed");
    }

    [Theory]
    [InlineData(AlertGroup.Signal, 4)]
    [InlineData(AlertGroup.Kind, 3)]
    [InlineData(AlertGroup.Subject, 2)]
    [InlineData(AlertGroup.Rule, 1)]
    public async Task Group_OfEachKind_MakesSoManyAlerts(AlertGroup group, int expected)
    {
        using var bench = new AlertBench(AlertBench.Routed(new AlertRule { Name = "r", Group = group }));
        await bench.Signals.PublishAsync([bench.Signal(true, "a"), bench.Signal(true, "b"), bench.Signal(true, "ks(delay)", kind: SignalKind.Drift), bench.Signal(true, "a", subject: "weather")]);
        await bench.TickAsync();
        (await bench.Alerts.ListAsync()).Count.ShouldBe(expected);
        bench.Channel.Taken.Count.ShouldBe(expected);
    }

    [Fact]
    public async Task Acknowledged_GoesOn_RemindsNobodyUntilWorse()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(bad: true);
        var id = (await bench.TheAlertAsync()).Id;
        await bench.Alerts.AcknowledgeAsync(id[..12], "ana", "asked the airport");
        bench.Time.Advance(7 * Hour);
        await bench.LookAsync(bad: true);
        bench.Channel.Taken.Count.ShouldBe(1);
        await bench.LookAsync(bad: true, severity: Severity.Error);
        bench.Channel.Taken.Count.ShouldBe(2);
        bench.Channel.Taken[1].Circumstances.ShouldContain("ana looks after it since 2026-03-02 12:00 UTC: asked the airport.");

        await bench.LookAsync(bad: false);
        (await Should.ThrowAsync<RequestException>(bench.Alerts.AcknowledgeAsync(id, "ana", null))).Message.ShouldBe(
            $"alert '{id}' does not fire: it is over since 2026-03-02 19:00 UTC; there is nothing to acknowledge.");
    }

    [Fact]
    public async Task Rules_TheFirstThatFits_TakesTheSignal()
    {
        using var bench = new AlertBench(AlertBench.Routed(
            new AlertRule { Name = "never", Signals = ["completeness(*)"], Mute = true },
            new AlertRule { Name = "louder", Kinds = [SignalKind.Check], Severity = Severity.Critical },
            new AlertRule { Name = "rest" }));
        await bench.Signals.PublishAsync([bench.Signal(true, "completeness(delay)"), bench.Signal(true, "size"), bench.Signal(true, "ks(delay)", kind: SignalKind.Drift)]);
        await bench.TickAsync();
        (await bench.Alerts.ListAsync()).Select(a => (a.Rule, a.Severity)).ShouldBe([("louder", Severity.Critical), ("rest", Severity.Warning)]);
    }

    [Fact]
    public async Task Routes_BySeverityOrByRule_ReachTheirChannels()
    {
        var settings = AlertBench.Routed(new AlertRule { Name = "own", Subjects = ["weather"], Channels = ["other", "log"] }, new AlertRule { Name = "rest" });
        settings = settings with
        {
            Channels = new Dictionary<string, ChannelDefinition>(settings.Channels) { ["other"] = new() { Name = "other", Kind = "test" }, ["log"] = new() { Name = "log", Kind = "log" } },
            Routes = new Dictionary<Severity, IReadOnlyList<string>>(settings.Routes) { [Severity.Warning] = [] },
        };
        using var bench = new AlertBench(settings);
        await bench.Signals.PublishAsync([bench.Signal(true, subject: "weather"), bench.Signal(true, subject: "flights"), bench.Signal(true, severity: Severity.Error, subject: "trains")]);
        await bench.TickAsync();
        (await bench.Alerts.ListAsync()).OrderBy(a => a.Subject).Select(a => string.Join(',', a.Notifications.Select(n => n.Channel))).ShouldBe(["", "team", "other,log"]);
        bench.Log.Lines.ShouldContain(l => l.Event == 1211 && l.Text.StartsWith("Warning: weather: check failed: completeness(delay)."));
    }

    [Fact]
    public async Task Route_ToNobody_IsRecordedAndThenLeftInPeace()
    {
        var settings = AlertBench.Routed(AlertRule.BuiltIn) with { Routes = Enum.GetValues<Severity>().ToDictionary(s => s, _ => (IReadOnlyList<string>)[]) };
        using var bench = new AlertBench(settings);
        await bench.LookAsync(bad: true);
        await bench.LookAsync(bad: false);
        var alert = await bench.TheAlertAsync();
        (alert.Status, alert.Notifications.Count).ShouldBe((AlertStatus.Resolved, 0));
        var etag = (await bench.Store.Records.GetAsync("alerts", "alert", alert.Id))!.ETag;
        await bench.TickAsync();
        await bench.TickAsync();
        (await bench.Store.Records.GetAsync("alerts", "alert", alert.Id))!.ETag.ShouldBe(etag);
    }

    [Fact]
    public async Task OneBatch_FiresAndEnds_IsToldInOneMessage()
    {
        using var bench = new AlertBench();
        await bench.Signals.PublishAsync([bench.Signal(true, period: "2001-01-05"), bench.Signal(false, period: "2001-01-06")]);
        await bench.TickAsync();
        var message = bench.Channel.Taken.ShouldHaveSingleItem();
        message.Kind.ShouldBe(NotificationKind.Resolved);
        message.Details.ShouldBe(["2001-01-05: completeness(delay) is 0.61 (expected completeness(delay) >= 0.95)"]);
    }

    [Fact]
    public async Task RuleRemoved_AlertFires_CanStillEnd()
    {
        using var bench = new AlertBench(AlertBench.Routed(new AlertRule { Name = "default" }));
        await bench.LookAsync(bad: true);
        var id = (await bench.TheAlertAsync()).Id;
        await bench.Store.Records.UpsertAsync("alerts", "alert", id, (await bench.Store.Records.GetAsync("alerts", "alert", id))!.Json.Replace("\"rule\":\"default\"", "\"rule\":\"gone\"", StringComparison.Ordinal));
        await bench.LookAsync(bad: false);
        (await bench.TheAlertAsync()).Status.ShouldBe(AlertStatus.Resolved);
    }
}
