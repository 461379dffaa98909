using Microsoft.Extensions.DependencyInjection;
using Serverless.Alerts;
using Serverless.Core.Tests.Runs;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Core.Tests.Alerts;

/// <summary>Channels that fail, hang or die; clocks that jump; processes that do.</summary>
public sealed class AlertDeliveryTests
{
    [Fact]
    public async Task ChannelFails_ThenWorks_MessageIsKeptAndSentUnderTheSameId()
    {
        using var bench = new AlertBench();
        var ids = new List<string>();
        bench.Channel.Trouble = (m, _) =>
        {
            ids.Add(m.Id);
            return Task.FromException(new DeliveryException("team.example answered 500"));
        };
        await bench.LookAsync(bad: true);

        var waiting = (await bench.TheAlertAsync()).Notifications.ShouldHaveSingleItem();
        (waiting.Status, waiting.Attempts, waiting.Error).ShouldBe((NotificationStatus.Waiting, 1, "team.example answered 500"));
        (waiting.NotBefore!.Value - AlertBench.Noon).TotalSeconds.ShouldBeInRange(30, 45);

        await bench.TickAsync(); // not yet
        ids.Count.ShouldBe(1);
        bench.Time.Advance(TimeSpan.FromSeconds(46));
        await bench.TickAsync();
        ids.Count.ShouldBe(2);
        bench.Channel.Trouble = (m, _) =>
        {
            ids.Add(m.Id);
            return Task.CompletedTask;
        };
        bench.Time.Advance(TimeSpan.FromSeconds(91));
        await bench.TickAsync();

        (await bench.TheAlertAsync()).Notifications.ShouldHaveSingleItem().Status.ShouldBe(NotificationStatus.Sent);
        ids.Distinct().ShouldHaveSingleItem();
        bench.Channel.Taken.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ChannelFails_ForGood_IsGivenUpShownAndSentAgainWhenAsked()
    {
        using var bench = new AlertBench();
        bench.Channel.Trouble = (_, _) => Task.FromException(new InvalidOperationException("no\r\nroute"));
        await bench.LookAsync(bad: true);
        for (var i = 0; i < 30; i++)
        {
            bench.Time.Advance(TimeSpan.FromHours(10));
            await bench.TickAsync();
        }

        bench.Channel.Tried.ShouldBe(14);
        var failed = (await bench.TheAlertAsync()).Notifications.ShouldHaveSingleItem();
        (failed.Status, failed.Error).ShouldBe((NotificationStatus.Failed, "InvalidOperationException: no route"));
        bench.Log.Lines.ShouldContain(l => l.Event == 1204 && l.Text.Contains("'serverless-ml alerts retry flights-check-", StringComparison.Ordinal));

        bench.Channel.Trouble = null;
        await bench.Alerts.RetryAsync((await bench.TheAlertAsync()).Id);
        await bench.TickAsync();
        bench.Channel.Taken.Count.ShouldBe(1);
        (await Should.ThrowAsync<RequestException>(bench.Alerts.RetryAsync((await bench.TheAlertAsync()).Id))).Message.ShouldContain("nothing to retry");
    }

    [Fact]
    public async Task ChannelFails_AlertIsOverMeanwhile_OneMessageTellsBoth()
    {
        using var bench = new AlertBench();
        bench.Channel.Trouble = (_, _) => Task.FromException(new DeliveryException("down"));
        await bench.LookAsync(bad: true);
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.LookAsync(bad: false);
        bench.Channel.Trouble = null;
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.TickAsync();

        bench.Channel.Taken.ShouldHaveSingleItem().Kind.ShouldBe(NotificationKind.Resolved);
        (await bench.TheAlertAsync()).Notifications.Select(n => n.Status).ShouldBe([NotificationStatus.Superseded, NotificationStatus.Sent]);
    }

    [Fact]
    public async Task OneChannelFails_TheOthersAreTold()
    {
        var settings = AlertBench.Routed(AlertRule.BuiltIn);
        settings = settings with
        {
            Channels = new Dictionary<string, ChannelDefinition>(settings.Channels) { ["bad"] = new() { Name = "bad", Kind = "nonsense" } },
            Routes = Enum.GetValues<Severity>().ToDictionary(s => s, _ => (IReadOnlyList<string>)["bad", "team"]),
        };
        using var bench = new AlertBench(settings);
        await bench.LookAsync(bad: true);
        bench.Channel.Taken.Count.ShouldBe(1);
        (await bench.TheAlertAsync()).Notifications.Select(n => (n.Channel, n.Status)).ShouldBe([("bad", NotificationStatus.Waiting), ("team", NotificationStatus.Sent)]);
    }

    [Fact]
    public async Task ChannelHangs_ManyWait_OneIsTriedAndTheRestStayUncounted()
    {
        using var bench = new AlertBench(AlertBench.Routed(new AlertRule { Name = "r", Group = AlertGroup.Signal }));
        bench.Channel.Trouble = (_, _) => Task.FromException(new DeliveryException("no answer within 10 s"));
        await bench.Signals.PublishAsync([.. Enumerable.Range(0, 10).Select(i => bench.Signal(true, $"c{i}"))]);
        await bench.TickAsync();
        bench.Channel.Tried.ShouldBe(1);
        (await bench.Alerts.ListAsync()).SelectMany(a => a.Notifications).Sum(n => n.Attempts).ShouldBe(1);
    }

    [Fact]
    public async Task Finish_ChannelHangsForever_ReturnsSoonAndKeepsTheMessage()
    {
        using var bench = new AlertBench();
        var process = bench.Process(options: new AlertOptions { FinishWithin = TimeSpan.FromMilliseconds(200) });
        bench.Channel.Trouble = (_, cancel) => new TaskCompletionSource().Task.WaitAsync(cancel);
        await bench.Signals.PublishAsync([bench.Signal(true)]);

        await process.GetRequiredService<IAlertWorker>().FinishAsync().WaitAsync(TimeSpan.FromSeconds(20));

        var waiting = (await bench.TheAlertAsync()).Notifications.ShouldHaveSingleItem();
        (waiting.Status, waiting.Attempts, waiting.HeldUntil, waiting.Error).ShouldBe((NotificationStatus.Waiting, 1, null, "there was no answer before this process ended"));
    }

    [Fact]
    public async Task Send_IgnoresItsCancellation_IsLeftBehind()
    {
        var settings = AlertBench.Routed(AlertRule.BuiltIn);
        settings = settings with { Channels = new Dictionary<string, ChannelDefinition> { ["team"] = new() { Name = "team", Kind = "test", Parameters = new Dictionary<string, Parameter> { ["timeout"] = new(["1s"], false, 1, 1) } } } };
        using var bench = new AlertBench(settings);
        bench.Channel.Trouble = (_, _) => new TaskCompletionSource().Task;
        await bench.LookAsync(bad: true).WaitAsync(TimeSpan.FromSeconds(30));
        (await bench.TheAlertAsync()).Notifications.ShouldHaveSingleItem().Error.ShouldBe("no answer within 1 s");
    }

    [Fact]
    public async Task Clock_JumpsBackAYear_CooldownRetriesAndHoldsStaySane()
    {
        using var bench = new AlertBench(start: AlertBench.Noon.AddYears(1));
        bench.Channel.Trouble = (_, _) => Task.FromException(new DeliveryException("down"));
        await bench.LookAsync(bad: true, name: "a");
        bench.Channel.Trouble = null;
        var later = new Jump(bench, AlertBench.Noon);

        // The retry that a clock of next year planned is due; the message goes out.
        await later.TickAsync();
        bench.Channel.Taken.Count.ShouldBe(1);

        // It was told "in a year": from now on the cooldown counts, six hours and no year.
        await later.LookAsync(bad: true, "a");
        bench.Channel.Taken.Count.ShouldBe(1);
        later.Advance(TimeSpan.FromHours(6.1));
        await later.LookAsync(bad: true, "a");
        bench.Channel.Taken.Count.ShouldBe(2);
        await later.LookAsync(bad: false, "a");
        (await bench.TheAlertAsync()).Status.ShouldBe(AlertStatus.Resolved);
    }

    [Fact]
    public async Task QuietHours_Night_MessagesWaitAndCriticalPasses()
    {
        var quiet = new QuietHours { From = new(22, 0), To = new(7, 0), Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris") };
        using var bench = new AlertBench(AlertBench.Routed(new AlertRule { Name = "r", Quiet = quiet, Group = AlertGroup.Signal }), new DateTimeOffset(2026, 3, 2, 23, 0, 0, TimeSpan.Zero));
        await bench.LookAsync(bad: true, "warning");
        await bench.LookAsync(bad: true, "critical", Severity.Critical);
        await bench.LookAsync(bad: true, "brief");
        await bench.LookAsync(bad: false, "brief");
        bench.Channel.Taken.Select(t => t.Severity).ShouldBe([Severity.Critical]);

        bench.Time.Advance(TimeSpan.FromHours(6.9)); // 05:54 UTC is 06:54 in Paris
        await bench.TickAsync();
        bench.Channel.Taken.Count.ShouldBe(1);
        bench.Time.Advance(TimeSpan.FromMinutes(7));
        await bench.TickAsync();
        bench.Channel.Taken.Skip(1).Select(t => (t.Title, t.Kind)).ShouldBe(
            [("flights: check failed: warning", NotificationKind.Firing), ("flights: check failed: brief", NotificationKind.Resolved)], ignoreOrder: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Process_DiesAtAnyCall_OneAlertAndAtLeastOneMessageUnderOneId(bool after)
    {
        for (var call = 1; ; call++)
        {
            using var bench = new AlertBench();
            var fuse = new Fuse(call, after);
            var mortal = bench.Process(new MortalRecords(bench.Store.Records, fuse));
            Signal[] signals = [bench.Signal(true, "size", Severity.Error), bench.Signal(true, "completeness(delay)")];
            try
            {
                await mortal.GetRequiredService<ISignals>().PublishAsync(signals);
                await bench.TickAsync(mortal);
            }
            catch (ProcessDiedException)
            {
                // What repeats a step publishes again.
                await bench.Signals.PublishAsync(signals);
            }

            bench.Time.Advance(TimeSpan.FromMinutes(3));
            await bench.TickAsync();
            await bench.TickAsync();

            var alert = await bench.TheAlertAsync();
            (alert.Status, alert.Count, alert.Episodes, alert.Members.Count).ShouldBe((AlertStatus.Firing, 2, 1, 2), $"died at call {call}");
            bench.Channel.Taken.Select(t => t.Id).Distinct().ShouldHaveSingleItem($"died at call {call}");
            (await bench.Incidents.ListAsync()).ShouldHaveSingleItem($"died at call {call}").Id.ShouldBe(alert.Incident);
            (await bench.Incidents.TimelineAsync(alert.Incident!)).Count.ShouldBe(1, $"died at call {call}");
            if (!fuse.Blown) return;
            call.ShouldBeLessThan(100);
        }
    }

    /// <summary>The same store seen by processes whose clock was set back.</summary>
    private sealed class Jump
    {
        private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider time;
        private readonly ServiceProvider process;
        private readonly AlertBench bench;

        public Jump(AlertBench bench, DateTimeOffset to)
        {
            this.bench = bench;
            time = new(to);
            process = (ServiceProvider)bench.Process(time: time);
        }

        public void Advance(TimeSpan span) => time.Advance(span);

        public Task TickAsync() => bench.TickAsync(process);

        public async Task LookAsync(bool bad, string name)
        {
            await process.GetRequiredService<ISignals>().PublishAsync([bench.Signal(bad, name) with { At = time.GetUtcNow() }]);
            await TickAsync();
        }
    }
}
