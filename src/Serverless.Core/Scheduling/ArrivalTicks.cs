using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Arrival;
using Serverless.Workspaces;

namespace Serverless.Scheduling;

/// <summary>Looks whether the data of every dataset came. One dataset's trouble is not the others'.</summary>
internal sealed class ArrivalTicks(Workspace workspace, IArrivals arrivals, ILogger<ArrivalTicks>? logger = null)
{
    private readonly ILogger log = logger ?? NullLogger<ArrivalTicks>.Instance;

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel)
    {
        foreach (var dataset in workspace.Datasets.Values.Where(d => d.Arrival is not null))
        {
            try
            {
                await arrivals.LookAsync(dataset.Name, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                SchedulingLog.ArrivalSkipped(log, dataset.Name, e);
            }
        }
    }
}
