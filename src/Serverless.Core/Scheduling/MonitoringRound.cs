using Serverless.Alerts;

namespace Serverless.Scheduling;

/// <summary>What the monitoring timer of a host without <c>up</c> does: starts comparisons with references and tells people what they should know.</summary>
public interface IMonitoringRound
{
    /// <summary>May be repeated, and called by many at once.</summary>
    Task TickAsync(CancellationToken cancel = default);
}

internal sealed class MonitoringRound(IMonitorScheduler monitor, IAlertWorker alerts, TimeProvider time) : IMonitoringRound
{
    public async Task TickAsync(CancellationToken cancel = default)
    {
        await monitor.TickAsync(time.GetUtcNow(), cancel);
        await alerts.TickAsync(cancel);
    }
}
