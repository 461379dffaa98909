using Microsoft.Azure.Functions.Worker;
using Serverless.Runs;

namespace Serverless.Functions;

/// <summary>Sends on runs that nobody moves any more, because a message was lost or a process died.</summary>
public sealed class Monitoring(IRunRecovery recovery)
{
    [Function(nameof(Monitoring))]
    public Task RunAsync([TimerTrigger("%MONITORING_SCHEDULE%")] TimerInfo timer, CancellationToken cancel) => recovery.RecoverAsync(cancel);
}
