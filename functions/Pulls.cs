using Microsoft.Azure.Functions.Worker;
using Serverless.Scheduling;

namespace Serverless.Functions;

/// <summary>Starts pulls of sources that are due, and sweeps landing for drops whose event was lost. What was decided or accepted before is not again.</summary>
public sealed class Pulls(IInflow inflow)
{
    [Function(nameof(Pulls))]
    public Task RunAsync([TimerTrigger("%PULLS_SCHEDULE%")] TimerInfo timer, CancellationToken cancel) => inflow.TickAsync(cancel);
}
