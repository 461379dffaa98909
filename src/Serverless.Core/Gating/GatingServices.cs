using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Fairness;
using Serverless.Gating.Guards;
using Serverless.Registry;
using Serverless.Scheduling;
using Serverless.Workspaces;

namespace Serverless.Gating;

public static class GatingServices
{
    /// <summary>The gate with its guards.</summary>
    public static IServiceCollection AddGating(this IServiceCollection services)
    {
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IGuard, SlicesGuard>(),
            ServiceDescriptor.Singleton<IGuard, FairnessGuard>(),
            ServiceDescriptor.Singleton<IGuard, CalibrationGuard>(),
            ServiceDescriptor.Singleton<IGuard, LatencyGuard>(),
            ServiceDescriptor.Singleton<IGuard, SizeGuard>(),
            ServiceDescriptor.Singleton<IGuard, StabilityGuard>(),
            ServiceDescriptor.Singleton<IGuard, MetricGuard>(),
        ]);
        services.TryAddSingleton<GuardCatalogue>();
        services.TryAddSingleton<GateExaminer>();
        services.TryAddSingleton<IFairnessReports, FairnessReports>();
        services.TryAddSingleton<GateAftermath>();
        services.TryAddSingleton<ITuning, NoTuning>();
        services.AddHolds();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, GuardCatalogue>());
        return services;
    }

    /// <summary>Which models are stopped, and what is asked of people: also for hosts that do not train.</summary>
    public static IServiceCollection AddHolds(this IServiceCollection services)
    {
        services.AddRegistry();
        services.TryAddSingleton<DecisionRecords>();
        services.TryAddSingleton<IDecisions>(s => s.GetRequiredService<DecisionRecords>());
        services.TryAddSingleton<ITrainingHolds, TrainingHolds>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAuditSource, TrainingHolds>());
        services.TryAddSingleton<ApprovalWatch>();
        return services;
    }
}
