using Microsoft.Azure.Functions.Worker;
using Serverless.Alerts;
using Serverless.Runs;

namespace Serverless.Functions;

/// <summary>Tells people what they should know, and sends on runs that nobody moves any more, because a message was lost or a process died.</summary>
public sealed class Monitoring(IAlertWorker alerts, IRunRecovery recovery)
{
    [Function(nameof(Monitoring))]
    public async Task RunAsync([TimerTrigger("%MONITORING_SCHEDULE%")] TimerInfo timer, CancellationToken cancel)
    {
        await alerts.TickAsync(cancel);
        await recovery.RecoverAsync(cancel);
    }
}
