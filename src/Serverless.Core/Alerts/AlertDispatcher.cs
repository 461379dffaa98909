using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Datasets;
using Serverless.Workspaces;

namespace Serverless.Alerts;

/// <summary>
/// Sends what alerts have in their outboxes, each channel by itself, so that one that hangs holds up only its own messages. A message is claimed by compare-and-swap
/// before and marked after: of any number of processes one sends it at a time; where one dies in between, it is sent again under the same id.
/// </summary>
internal sealed class AlertDispatcher(
    Workspace workspace, AlertRecords alerts, ChannelCatalogue channels, AlertOptions options, TimeProvider time, ILogger<AlertDispatcher>? logger = null)
{
    private readonly ILogger log = logger ?? NullLogger<AlertDispatcher>.Instance;

    /// <summary>Tries every message that is due. Faults of channels are written to their messages.</summary>
    public async Task SendAsync(IReadOnlyList<Alert> all, CancellationToken cancel)
    {
        var due = all.SelectMany(a => a.Notifications.Where(n => IsDue(a, n)).Select(n => (Alert: a.Id, Notification: n)))
            .OrderByDescending(d => d.Notification.Severity).ThenBy(d => d.Notification.CreatedAt)
            .GroupBy(d => d.Notification.Channel);
        await Task.WhenAll(due.Select(async channel =>
        {
            foreach (var (alert, notification) in channel)
            {
                // A channel that does not answer will hardly answer the next: the others wait for the next round, uncounted.
                if (!await SendAsync(alert, notification.Id, cancel)) return;
            }
        }));
    }

    private bool IsDue(Alert alert, Notification n)
    {
        if (n.Status != NotificationStatus.Waiting) return false;
        var now = time.GetUtcNow();

        // Longer waits than we ever set were set by a clock that has gone back since.
        if (n.HeldUntil is { } held && held > now && held - now <= options.Hold) return false;
        if (n.NotBefore is { } then && then > now && then - now <= options.RetryLongest * 1.5) return false;
        return AlertRules.Named(workspace.Alerts, alert.Rule).Quiet is not { } quiet || !quiet.Covers(now) || (alert.Severity == Severity.Critical && !quiet.Critical);
    }

    /// <summary>False when the channel did not take it.</summary>
    private async Task<bool> SendAsync(string alertId, string id, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var claimed = false;
        var alert = await alerts.UpdateAsync(alertId, a =>
        {
            var n = a?.Notifications.FirstOrDefault(n => n.Id == id);
            claimed = n is not null && IsDue(a!, n);
            return claimed ? Set(a!, n! with { Attempts = n.Attempts + 1, HeldUntil = now + options.Hold, NotBefore = null }) : a;
        }, cancel);
        if (!claimed) return true;

        var notification = alert!.Notifications.First(n => n.Id == id);
        var (error, wait) = await TryAsync(alert, notification, cancel);
        if (error is null) AlertTelemetry.Attempted(notification.Channel, "sent");
        else AlertTelemetry.Attempted(notification.Channel, "failed");

        // Not cancelled: whether it was sent has to be kept.
        await alerts.UpdateAsync(alertId, a =>
        {
            if (a?.Notifications.FirstOrDefault(n => n.Id == id) is not { } n) return a;
            n = n with { HeldUntil = null };
            return Set(a, error is null ? n with { Status = n.Status == NotificationStatus.Superseded ? n.Status : NotificationStatus.Sent, SentAt = time.GetUtcNow(), Error = null }
                : n.Status != NotificationStatus.Waiting ? n with { Error = error }
                : n.Attempts >= options.MaxAttempts ? n with { Status = NotificationStatus.Failed, Error = error }
                : n with { NotBefore = time.GetUtcNow() + wait, Error = error });
        }, CancellationToken.None);

        if (error is null) AlertsLog.Sent(log, id, notification.Channel);
        else if (notification.Attempts >= options.MaxAttempts) AlertsLog.GivenUp(log, id, notification.Channel, notification.Attempts, error, alertId);
        else AlertsLog.NotSent(log, id, notification.Channel, notification.Attempts, time.GetUtcNow() + wait, error);
        return error is null;
    }

    private async Task<(string? Error, TimeSpan Wait)> TryAsync(Alert alert, Notification notification, CancellationToken cancel)
    {
        var wait = WaitAfter(notification);
        if (!workspace.Alerts.Channels.TryGetValue(notification.Channel, out var definition)) return ($"channel '{notification.Channel}' is no longer in serverless.yaml", wait);
        try
        {
            await channels.SendAsync(definition, AlertMessage.Of(workspace.Name, alert, notification, time.GetUtcNow()), cancel);
            return (null, default);
        }
        catch (DeliveryException e)
        {
            return (e.Message, e.RetryAfter is { } asked && asked > wait ? (asked < options.RetryLongest ? asked : options.RetryLongest) : wait);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return ("there was no answer before this process ended", wait);
        }
    }

    /// <summary>Exponential, and up to half as long again by the message's own identity: messages that failed together do not come back together.</summary>
    internal TimeSpan WaitAfter(Notification notification)
    {
        var doubled = options.RetryFirst * Math.Pow(2, Math.Clamp(notification.Attempts - 1, 0, 20));
        var wait = doubled < options.RetryLongest ? doubled : options.RetryLongest;
        var jitter = SHA256.HashData(Encoding.UTF8.GetBytes($"{notification.Id}:{notification.Attempts}"))[0] / 255.0;
        return wait * (1 + (jitter / 2));
    }

    private static Alert Set(Alert alert, Notification notification) =>
        alert with { Notifications = [.. alert.Notifications.Select(n => n.Id == notification.Id ? notification : n)] };
}
