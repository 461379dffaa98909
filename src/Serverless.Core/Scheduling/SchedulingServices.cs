using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Arrival;
using Serverless.Gating;
using Serverless.Monitoring;
using Serverless.Registry;
using Serverless.Sources;

namespace Serverless.Scheduling;

public static class SchedulingServices
{
    /// <summary>The background host of <c>up</c>: workers, the watcher of landing, the scheduler and the alerts, in this process.</summary>
    public static IServiceCollection AddScheduling(this IServiceCollection services)
    {
        services.AddSchedulerTicks();
        services.AddHostedService<WorkersHost>();
        services.AddHostedService<WatcherHost>();
        services.AddHostedService<SchedulerHost>();
        services.AddHostedService<AlertsHost>();
        return services;
    }

    /// <summary>The pieces without a clock of their own, for hosts whose timers call <see cref="IScheduler"/> and <see cref="ILandingWatcher"/>.</summary>
    public static IServiceCollection AddSchedulerTicks(this IServiceCollection services)
    {
        services.TryAddSingleton(new SchedulingOptions());
        services.TryAddSingleton<DecisionRecords>();
        services.TryAddSingleton<RetrainRequests>();
        services.TryAddSingleton<IRetrainRequests>(s => s.GetRequiredService<RetrainRequests>());
        services.TryAddSingleton<IDecisions>(s => s.GetRequiredService<DecisionRecords>());
        services.AddArrival();
        services.AddSources();
        services.TryAddSingleton<ArrivalTicks>();
        services.AddRegistry();
        services.TryAddSingleton<FeatureViews.Online.OnlineSources>();
        services.TryAddSingleton<FeatureViews.Online.OnlineTable>();
        services.TryAddSingleton<FeatureViews.Online.MaterialiseScheduler>();
        services.AddHolds();
        services.AddDriftRecords();
        services.TryAddSingleton<IMonitorScheduler, MonitorScheduler>();
        services.TryAddSingleton<IMonitoringRound, MonitoringRound>();
        services.TryAddSingleton<RetrainScheduler>();
        services.TryAddSingleton<IScheduler, Scheduler>();
        services.TryAddSingleton<InboxFolder>();
        services.TryAddSingleton<ILandingWatcher, LandingWatcher>();
        services.TryAddSingleton<IInflow, Inflow>();
        return services;
    }
}
