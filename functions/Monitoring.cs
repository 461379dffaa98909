using Microsoft.Azure.Functions.Worker;
using Serverless.Alerts;

namespace Serverless.Functions;

/// <summary>Takes in what was observed, and tells people what they should know.</summary>
public sealed class Monitoring(IAlertWorker alerts)
{
    [Function(nameof(Monitoring))]
    public Task RunAsync([TimerTrigger("%MONITORING_SCHEDULE%")] TimerInfo timer, CancellationToken cancel) => alerts.TickAsync(cancel);
}
