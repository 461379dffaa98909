using Microsoft.Azure.Functions.Worker;
using Serverless.Scheduling;

namespace Serverless.Functions;

/// <summary>Decides which models are due for training, by their own schedules, new data and cooldowns, and starts their runs.</summary>
public sealed class Retraining(IScheduler scheduler, TimeProvider time)
{
    [Function(nameof(Retraining))]
    public Task RunAsync([TimerTrigger("%RETRAINING_SCHEDULE%")] TimerInfo timer, CancellationToken cancel) => scheduler.TickAsync(time.GetUtcNow(), cancel);
}
