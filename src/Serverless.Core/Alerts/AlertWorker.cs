using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Incidents;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Alerts;

/// <inheritdoc cref="IAlertWorker"/>
internal sealed class AlertWorker(
    Workspace workspace, SignalRecords signals, AlertRecords alerts, IncidentWatch incidents, AlertDispatcher dispatcher, ChannelCatalogue channels, AlertOptions options,
    TimeProvider time, IdSource ids, ILogger<AlertWorker>? logger = null) : IAlertWorker
{
    private const int MostBatches = 500;
    private static readonly TimeSpan Keeping = TimeSpan.FromSeconds(5);

    private readonly ILogger log = logger ?? NullLogger<AlertWorker>.Instance;
    private readonly AlertSettings settings = workspace.Alerts;

    public async Task TickAsync(CancellationToken cancel = default)
    {
        await TakeInAsync(cancel);
        await SendAsync(cancel);
    }

    public async Task FinishAsync(CancellationToken cancel = default)
    {
        // In real time, whatever clock the work goes by: it bounds how long a person waits.
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bound.CancelAfter(options.FinishWithin);
        try
        {
            // A little longer than it may send: what became of a message is still written down.
            await TickAsync(bound.Token).WaitAsync(options.FinishWithin + Keeping, CancellationToken.None);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            return; // the rest is the next one's
        }
        catch (Exception e)
        {
            AlertsLog.TickFailed(log, e);
        }
    }

    public async Task<string> TestAsync(string channel, CancellationToken cancel = default)
    {
        if (!settings.Channels.TryGetValue(channel, out var definition)) throw new RequestException($"there is no channel '{channel}' in serverless.yaml.{Suggest.Hint(channel, settings.Channels.Keys)}");
        var message = AlertMessage.Test(workspace.Name, channel, $"test.{ids.Next(10)}", time.GetUtcNow());
        try
        {
            await channels.SendAsync(definition, message, cancel);
            return message.Id;
        }
        catch (DeliveryException e)
        {
            throw new EnvironmentException($"channel '{channel}' did not take the message: {e.Message}.", e);
        }
    }

    /// <summary>Every fresh batch: its signals go to their alerts, then it is done with. Until then it stays, and what was taken in already is known by its identity.</summary>
    private async Task TakeInAsync(CancellationToken cancel)
    {
        while (true)
        {
            var batches = await signals.FreshAsync(MostBatches, cancel);
            if (batches.Count == 0) return;
            var groups = batches.SelectMany(b => b.Signals).OrderBy(s => s.Sequence, StringComparer.Ordinal)
                .Select(s => (Signal: s, Rule: AlertRules.For(settings, s)))
                .Where(s => s.Rule is not null)
                .GroupBy(s => AlertMachine.Id(s.Rule!, s.Signal));
            foreach (var group in groups) await TakeInAsync(group.Key, group.First().Rule!, [.. group.Select(g => g.Signal)], cancel);
            foreach (var batch in batches) await signals.TakenAsync(batch, cancel);
            if (batches.Count < MostBatches) return;
        }
    }

    private async Task TakeInAsync(string id, AlertRule rule, IReadOnlyList<Signal> group, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        Alert? before = null;
        var after = await alerts.UpdateAsync(id, alert =>
        {
            before = alert;
            foreach (var signal in group)
            {
                // Planned after each: what fired and ended within one batch is told too, in one message.
                if (AlertMachine.Apply(alert, rule, signal, now) is { } next) alert = AlertMachine.Plan(next, rule, settings, now);
            }

            return alert;
        }, cancel);
        if (after is null || ReferenceEquals(after, before)) return;
        if (after.Episodes > (before?.Episodes ?? 0))
        {
            AlertsLog.Fires(log, id, after.Severity.ToString().ToLowerInvariant(), AlertText.Title(after));
            AlertTelemetry.AlertFired(after);
        }

        if (after.Status == AlertStatus.Resolved && before?.Status == AlertStatus.Firing)
        {
            AlertsLog.Over(log, id, AlertText.Title(after));
            AlertTelemetry.AlertResolved(after);
        }
    }

    private async Task SendAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var due = new List<Alert>();
        foreach (var (alert, _) in await alerts.AllAsync(cancel))
        {
            var rule = AlertRules.Named(settings, alert.Rule);
            var planned = AlertMachine.Plan(alert, rule, settings, now);
            if (!ReferenceEquals(planned, alert)) planned = await alerts.UpdateAsync(alert.Id, a => a is null ? null : AlertMachine.Plan(a, rule, settings, now), cancel) ?? alert;
            due.Add(await incidents.TellAsync(planned, cancel));
        }

        await dispatcher.SendAsync(due, cancel);
    }
}
