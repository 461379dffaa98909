using Microsoft.Azure.Functions.Worker;
using Serverless.Scheduling;
using Serverless.Sources;

namespace Serverless.Functions;

/// <summary>Starts pulls of sources that are due, and sweeps landing for drops whose event was lost. What was decided or accepted before is not again.</summary>
public sealed class Pulls(IPullScheduler pulls, ILandingWatcher landing, TimeProvider time)
{
    [Function(nameof(Pulls))]
    public async Task RunAsync([TimerTrigger("%PULLS_SCHEDULE%")] TimerInfo timer, CancellationToken cancel)
    {
        await pulls.TickAsync(time.GetUtcNow(), cancel);
        await landing.TickAsync(cancel);
    }
}
