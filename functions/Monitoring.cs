using Microsoft.Azure.Functions.Worker;
using Serverless.Scheduling;

namespace Serverless.Functions;

/// <summary>Starts comparisons of new data with what the champions learned from, and tells people what they should know.</summary>
public sealed class Monitoring(IMonitoringRound round)
{
    [Function(nameof(Monitoring))]
    public Task RunAsync([TimerTrigger("%MONITORING_SCHEDULE%")] TimerInfo timer, CancellationToken cancel) => round.TickAsync(cancel);
}
