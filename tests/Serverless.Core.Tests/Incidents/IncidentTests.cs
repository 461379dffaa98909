using Serverless.Core.Tests.Alerts;
using Serverless.Datasets;
using Serverless.Incidents;
using Serverless.Problems;

namespace Serverless.Core.Tests.Incidents;

public sealed class IncidentTests
{
    [Fact]
    public async Task Alert_Warning_OpensNoIncidentUntilItBecomesAnError()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(bad: true);
        (await bench.Incidents.ListAsync()).ShouldBeEmpty();
        bench.Time.Advance(TimeSpan.FromMinutes(10));
        await bench.LookAsync(bad: true, severity: Severity.Error, period: "2001-01-09");

        var incident = (await bench.Incidents.ListAsync()).ShouldHaveSingleItem();
        var alert = await bench.TheAlertAsync();
        (incident.Title, incident.Severity, incident.Status, incident.OpenedBy).ShouldBe(("flights: check failed: completeness(delay)", Severity.Error, IncidentStatus.Open, $"alert:{alert.Id}"));
        (incident.BeganAt, incident.Alerts.Single(), incident.Subjects.Single(), incident.Periods.Single()).ShouldBe((AlertBench.Noon, alert.Id, "flights", "2001-01-09"));
        alert.Incident.ShouldBe(incident.Id);
    }

    [Fact]
    public async Task Alert_RepeatsEndsAndFiresAgain_IsOneTimelineWhileTheIncidentIsOpen()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(bad: true, severity: Severity.Error);
        bench.Time.Advance(TimeSpan.FromHours(7));
        await bench.LookAsync(bad: true, severity: Severity.Error); // reminder
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.LookAsync(bad: false);
        var over = (await bench.Incidents.ListAsync()).ShouldHaveSingleItem();
        (over.Status, over.OverAt).ShouldBe((IncidentStatus.Open, AlertBench.Noon.AddHours(8)));
        bench.Time.Advance(TimeSpan.FromHours(7));
        await bench.LookAsync(bad: true, severity: Severity.Critical);
        await bench.TickAsync();

        var incident = (await bench.Incidents.ListAsync()).ShouldHaveSingleItem();
        (incident.OverAt, incident.Severity).ShouldBe((null, Severity.Critical));
        var timeline = await bench.Incidents.TimelineAsync(incident.Id);
        timeline.Select(t => (t.At - AlertBench.Noon).TotalHours).ShouldBe([0, 7, 8, 15]);
        timeline[2].Text.ShouldBe($"alert {incident.Alerts[0]} is over");
    }

    [Fact]
    public async Task Alert_FiresAndEndsInOneBatch_StillOpensAnIncidentWithItsStory()
    {
        using var bench = new AlertBench();
        await bench.Signals.PublishAsync([bench.Signal(true, severity: Severity.Error, period: "2001-01-05"), bench.Signal(false, severity: Severity.Error, period: "2001-01-06")]);
        await bench.TickAsync();
        await bench.TickAsync();

        var incident = (await bench.Incidents.ListAsync()).ShouldHaveSingleItem();
        (incident.Status, incident.OverAt, incident.Periods.Single()).ShouldBe((IncidentStatus.Open, AlertBench.Noon, "2001-01-05"));
        (await bench.Incidents.TimelineAsync(incident.Id)).Select(t => t.Text.Contains("is over", StringComparison.Ordinal)).ShouldBe([false, true]);
        (await bench.TheAlertAsync()).Incident.ShouldBe(incident.Id);
    }

    [Fact]
    public async Task Alert_ClosedByAPersonWhileItFires_OpensNoSecondUntilItFiresAgain()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(bad: true, severity: Severity.Error);
        var first = (await bench.Incidents.ListAsync()).Single();
        await bench.Incidents.CloseAsync(first.Id, "known", "ana");
        bench.Time.Advance(TimeSpan.FromHours(7));
        await bench.LookAsync(bad: true, severity: Severity.Error);
        (await bench.Incidents.ListAsync()).Count.ShouldBe(1);
        await bench.LookAsync(bad: false);
        bench.Time.Advance(TimeSpan.FromHours(7));
        await bench.LookAsync(bad: true, severity: Severity.Error);

        var all = await bench.Incidents.ListAsync();
        all.Count.ShouldBe(2);
        (await bench.TheAlertAsync()).Incident.ShouldBe(all[0].Id);
        all[1].Status.ShouldBe(IncidentStatus.Closed);
    }

    [Fact]
    public async Task OpenUpdateClose_ByHand_AreKeptWithTheirTimeline()
    {
        using var bench = new AlertBench();
        var incident = await bench.Incidents.OpenAsync(new NewIncident { Title = "wrong prices", Severity = Severity.Critical, BeganAt = AlertBench.Noon.AddHours(-2), Subjects = ["prices"] }, "ana");
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.Incidents.UpdateAsync(incident.Id[..20], new IncidentChange
        {
            Impact = "300 offers", Cause = "unit changed", Category = IncidentCategory.Upstream,
            Actions = [new IncidentAction { Text = "range check", Kind = ActionKind.Detect, Owner = "bob", Due = new DateOnly(2026, 3, 15) }, new IncidentAction { Text = "ask the feed" }],
        }, "bob");
        await bench.Incidents.UpdateAsync(incident.Id, new IncidentChange { Done = [2] }, "bob");
        bench.Time.Advance(TimeSpan.FromHours(1));
        var closed = await bench.Incidents.CloseAsync(incident.Id, "mended", "ana");

        (closed.Status, closed.Category, closed.Impact, closed.Cause).ShouldBe((IncidentStatus.Closed, IncidentCategory.Upstream, "300 offers", "unit changed"));
        (closed.BeganAt, closed.DetectedAt, closed.OverAt, closed.ClosedAt).ShouldBe((AlertBench.Noon.AddHours(-2), AlertBench.Noon, AlertBench.Noon.AddHours(2), AlertBench.Noon.AddHours(2)));
        closed.Actions.Select(a => a.DoneAt is not null).ShouldBe([false, true]);
        (await bench.Incidents.TimelineAsync(incident.Id)).Select(t => $"{t.By}: {t.Text}").ShouldBe(
        [
            "ana: opened: wrong prices", "bob: impact: 300 offers\ncause: unit changed\ncategory: upstream\naction: range check\naction: ask the feed", "bob: done: ask the feed", "ana: closed: mended",
        ], ignoreOrder: true);
    }

    [Fact]
    public async Task Update_WhatCannotBe_IsRefusedAndChangesNothing()
    {
        using var bench = new AlertBench();
        var incident = await bench.Incidents.OpenAsync(new NewIncident { Title = "x", Severity = Severity.Error }, "ana");
        async Task<string> Refused(IncidentChange change) => (await Should.ThrowAsync<RequestException>(bench.Incidents.UpdateAsync(incident.Id, change, "ana"))).Message;

        (await Refused(new IncidentChange())).ShouldStartWith("nothing is said that would change the incident");
        (await Refused(new IncidentChange { Done = [1] })).ShouldBe($"incident '{incident.Id}' has no action 1; it has none.");
        (await Refused(new IncidentChange { Impact = " " })).ShouldBe("the impact is empty.");
        (await Refused(new IncidentChange { OverAt = AlertBench.Noon.AddDays(1) })).ShouldBe("an incident cannot begin or end in the future.");
        (await Refused(new IncidentChange { OverAt = AlertBench.Noon.AddDays(-1) })).ShouldBe("the incident would be over (2026-03-01 12:00 UTC) before it began (2026-03-02 12:00 UTC).");
        (await Should.ThrowAsync<RequestException>(bench.Incidents.CloseAsync("inc-nope", null, "ana"))).Message.ShouldBe("there is no incident 'inc-nope'. 'serverless-ml incidents' lists them.");
        (await bench.Incidents.FindAsync(incident.Id)).ShouldBe(incident, new ByText());
        await bench.Incidents.CloseAsync(incident.Id, null, "ana");
        (await Should.ThrowAsync<RequestException>(bench.Incidents.CloseAsync(incident.Id, null, "ana"))).Message.ShouldBe($"incident '{incident.Id}' was closed at 2026-03-02 12:00 UTC by ana already.");
    }

    [Fact]
    public async Task Update_EightPeopleAtOnce_NobodysActionIsLost()
    {
        using var bench = new AlertBench();
        var incident = await bench.Incidents.OpenAsync(new NewIncident { Title = "x", Severity = Severity.Error }, "ana");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => bench.Incidents.UpdateAsync(incident.Id, new IncidentChange { Actions = [new IncidentAction { Text = $"a{i}" }] }, $"p{i}"))));
        (await bench.Incidents.FindAsync(incident.Id))!.Actions.Count.ShouldBe(8);
        (await bench.Incidents.TimelineAsync(incident.Id)).Count.ShouldBe(9);
    }

    [Fact]
    public void Statistics_ByCategory_AreMedians()
    {
        static Incident One(int n, IncidentCategory? category, double detect, double? resolve, double? close) => new()
        {
            Id = $"inc-{n}", Title = "t", Severity = Severity.Error, Status = close is null ? IncidentStatus.Open : IncidentStatus.Closed, BeganAt = AlertBench.Noon, DetectedAt = AlertBench.Noon.AddHours(detect),
            OverAt = resolve is { } r ? AlertBench.Noon.AddHours(r) : null, ClosedAt = close is { } c ? AlertBench.Noon.AddHours(c) : null, OpenedBy = "ana", Category = category, UpdatedAt = AlertBench.Noon,
            Subjects = ["flights", "late"], Actions = [new IncidentAction { Text = "a" }],
        };
        var report = IncidentStatistics.Of([One(1, IncidentCategory.Data, 1, 2, 10), One(2, IncidentCategory.Data, 3, 6, 20), One(3, IncidentCategory.Data, 100, null, null), One(4, null, 0, 1, 2)], IncidentGrouping.Category);

        (report.Count, report.Open).ShouldBe((4, 1));
        report.Groups.Select(g => g.Name).ShouldBe(["data", "none yet"]);
        var data = report.Groups[0];
        (data.Count, data.Open, data.SecondsToDetect, data.SecondsToResolve, data.SecondsToClose, data.ActionsOpen).ShouldBe((3, 1, 3 * 3600d, 4 * 3600d, 13 * 3600d, 3));
        IncidentStatistics.Of([One(1, null, 1, 2, 3)], IncidentGrouping.Subject).Groups.Select(g => g.Name).ShouldBe(["flights", "late"]);
        IncidentStatistics.Of([One(1, null, 1, 2, 3)], IncidentGrouping.Month).Groups.Select(g => g.Name).ShouldBe(["2026-03"]);
        IncidentStatistics.Of([], IncidentGrouping.Severity).Groups.ShouldBeEmpty();
    }

    private sealed class ByText : IEqualityComparer<Incident?>
    {
        public bool Equals(Incident? a, Incident? b) => System.Text.Json.JsonSerializer.Serialize(a) == System.Text.Json.JsonSerializer.Serialize(b);

        public int GetHashCode(Incident? i) => 0;
    }
}
