using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Incidents;
using Serverless.Storage;
using Serverless.Workspaces;
using Shouldly;
using Xunit;

namespace Serverless.Testing.Conformance;

/// <summary>Several processes on one record store: one alert, each message sent once, one incident.</summary>
public abstract class AlertConformance
{
    private readonly string subject = "s" + IdSource.System.Next(10);

    protected abstract IRecordStore Store { get; }

    [SkippableFact]
    public async Task Tick_FourProcessesAtOnce_OneAlertAndEachMessageOnce()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));
        var sent = new ConcurrentQueue<string>();
        var processes = Enumerable.Range(0, 4).Select(i => Process(time, sent, i)).ToArray();
        const int Looks = 6;
        for (var i = 0; i < Looks; i++)
        {
            await processes[i % 4].GetRequiredService<ISignals>().PublishAsync([Signal(i, time), Signal(i, time) with { Name = "size" }]);
            await Task.WhenAll(processes.Select(p => Task.Run(() => p.GetRequiredService<IAlertWorker>().TickAsync())));
            time.Advance(TimeSpan.FromHours(7));
        }

        var alert = (await processes[0].GetRequiredService<IAlerts>().ListAsync()).Single(a => a.Subject == subject);
        (alert.Status, alert.Count, alert.Episodes, alert.Members.Count).ShouldBe((AlertStatus.Firing, 2 * Looks, 1, 2));
        sent.Where(s => s.Contains(subject, StringComparison.Ordinal)).ShouldBe(alert.Notifications.Select(n => n.Id));
        alert.Notifications.Count.ShouldBe(Looks);
        var incidents = processes[0].GetRequiredService<IIncidents>();
        (await incidents.ListAsync()).Single(i => i.Alerts.Contains(alert.Id)).Id.ShouldBe(alert.Incident);
        (await incidents.TimelineAsync(alert.Incident!)).Count.ShouldBe(Looks);
        foreach (var process in processes) await process.DisposeAsync();
    }

    private Signal Signal(int number, TimeProvider time) => new()
    {
        Kind = SignalKind.Check, Subject = subject, Name = "completeness(delay)", Period = $"2001-01-{number + 1:00}", Bad = true, Severity = Severity.Error, Message = "m", At = time.GetUtcNow(), Run = $"r{number}",
    };

    private ServiceProvider Process(TimeProvider time, ConcurrentQueue<string> sent, int seed) => new ServiceCollection()
        .AddSingleton(time).AddSingleton<IdSource>(new SeededIds(seed)).AddSingleton(Store)
        .AddSingleton(new Workspace
        {
            Name = "w", Root = "/", Storage = new StorageSettings(), ApiKeys = [], Hash = "", Datasets = new Dictionary<string, DatasetDefinition>(), Models = new Dictionary<string, Models.ModelDefinition>(),
            Alerts = new AlertSettings
            {
                Channels = new Dictionary<string, ChannelDefinition> { ["c"] = new() { Name = "c", Kind = "once" } },
                Routes = Enum.GetValues<Severity>().ToDictionary(s => s, _ => (IReadOnlyList<string>)["c"]),
            },
        })
        .AddSingleton<IAlertChannel>(new Once(sent))
        .AddAlerts().AddIncidents().BuildServiceProvider();

    private sealed class Once(ConcurrentQueue<string> sent) : IAlertChannel
    {
        public string Kind => "once";

        public IReadOnlyList<ChannelKey> Keys => [];

        public async Task SendAsync(ChannelDefinition channel, AlertMessage message, CancellationToken cancel)
        {
            await Task.Delay(5, cancel); // others get their chance
            sent.Enqueue(message.Id);
        }
    }
}
