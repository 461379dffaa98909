using Serverless.FeatureViews.Online;
using Serverless.Gating;
using Serverless.Runs;
using Serverless.Sources;

namespace Serverless.Scheduling;

internal sealed class Scheduler(ArrivalTicks arrivals, IPullScheduler pulls, IMonitorScheduler monitor, RetrainScheduler retrain, MaterialiseScheduler views, ApprovalWatch approvals, IRunRecovery recovery, SchedulingOptions options, Rollouts.IRollouts? rollouts = null, Feedback.FeedbackScheduler? feedback = null, Scoring.BatchScheduler? batches = null, Retention.RetentionScheduler? retention = null) : IScheduler
{
    private DateTimeOffset recovered;

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        await arrivals.TickAsync(now, cancel);
        await pulls.TickAsync(now, cancel);
        await monitor.TickAsync(now, cancel);
        await views.TickAsync(now, cancel);
        if (feedback is not null) await feedback.TickAsync(now, cancel);
        if (batches is not null) await batches.TickAsync(now, cancel);
        await retrain.TickAsync(now, cancel);
        await approvals.TickAsync(now, cancel);
        if (retention is not null) await retention.TickAsync(now, cancel);
        if (rollouts is not null) await rollouts.TickAsync(now, cancel);
        if (recovered + options.RecoverEvery > now) return;
        recovered = now;
        await recovery.RecoverAsync(cancel);
    }
}
