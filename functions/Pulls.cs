using Microsoft.Azure.Functions.Worker;
using Serverless.Scheduling;

namespace Serverless.Functions;

/// <summary>Sweeps landing for drops whose event was lost, or that came while nobody listened. What was accepted before is not accepted again.</summary>
public sealed class Pulls(ILandingWatcher landing)
{
    [Function(nameof(Pulls))]
    public Task RunAsync([TimerTrigger("%PULLS_SCHEDULE%")] TimerInfo timer, CancellationToken cancel) => landing.TickAsync(cancel);
}
