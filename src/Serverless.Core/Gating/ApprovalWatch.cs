using System.Globalization;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Registry;

namespace Serverless.Gating;

/// <summary>Looks after versions that wait for a person: reminds of them, and lets them expire. Any number of processes may do so: what they find is the same, and is kept once.</summary>
internal sealed class ApprovalWatch(IModelRegistry registry, ISignals? signals = null)
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);
    private DateTimeOffset looked = DateTimeOffset.MinValue;

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        if (looked + Between > now && looked <= now) return;
        looked = now;
        foreach (var model in await registry.ModelsAsync(cancel))
        {
            foreach (var version in (await registry.ListAsync(model, cancel)).Versions.Where(v => v.Status == VersionStatus.AwaitingApproval && v.Approval is not null))
            {
                if (await registry.ExpireAsync(model, version.Version, cancel) is { } expired) await SayAsync(version, expired.At, $"version {version.Version} expired: {expired.Comment}; train again", cancel);
                else if (Due(version.Approval!, now) is { } due) await SayAsync(version, due, Reminder(version), cancel);
            }
        }
    }

    /// <summary>The last reminder that is due; reminders that nobody was up to give are past.</summary>
    private static DateTimeOffset? Due(ApprovalState approval, DateTimeOffset now)
    {
        if (approval.RemindSeconds is not { } seconds || seconds <= 0) return null;
        var count = (long)((now - approval.AskedAt).TotalSeconds / seconds);
        return count < 1 ? null : approval.AskedAt.AddSeconds(count * seconds);
    }

    private static string Reminder(ModelVersion version) =>
        $"version {version.Version} still waits for a person, since {Time(version.Approval!.AskedAt)}{(version.Approval.ExpiresAt is { } end ? $", until {Time(end)}" : "")}: "
        + $"serverless-ml models approve {version.Model} {version.Version} --comment \"...\"";

    private async Task SayAsync(ModelVersion version, DateTimeOffset at, string message, CancellationToken cancel)
    {
        if (signals is null) return;
        await signals.PublishAsync([new Signal
        {
            Kind = SignalKind.Gate, Subject = version.Model, Name = "approval", Bad = true, Severity = Severity.Warning, At = at, Run = version.Run, Message = message,
        }], cancel);
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
