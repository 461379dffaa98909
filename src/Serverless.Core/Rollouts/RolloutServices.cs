using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Serverless.Feedback;
using Serverless.Registry;
using Serverless.Switches;
using Serverless.Workspaces;

namespace Serverless.Rollouts;

public static class RolloutServices
{
    /// <summary>Rollouts: their records, policies and guards. The host adds where flags are kept.</summary>
    public static IServiceCollection AddRollouts(this IServiceCollection services)
    {
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IRolloutPolicy, ShadowPolicy>(), ServiceDescriptor.Singleton<IRolloutPolicy, CanaryPolicy>(), ServiceDescriptor.Singleton<IRolloutPolicy, PilotPolicy>(),
            ServiceDescriptor.Singleton<IRolloutPolicy, AbPolicy>(), ServiceDescriptor.Singleton<IRolloutPolicy, BanditPolicy>(),
        ]);
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IRolloutGuard, ErrorsGuard>(), ServiceDescriptor.Singleton<IRolloutGuard, LatencyGuard>(), ServiceDescriptor.Singleton<IRolloutGuard, DriftGuard>(),
            ServiceDescriptor.Singleton<IRolloutGuard, FeedbackGuard>(),
        ]);
        services.TryAddSingleton<ISwitches, AllOn>();
        services.TryAddSingleton<SwitchFlags>();
        services.TryAddSingleton(new RolloutOptions());
        services.TryAddSingleton<PolicyCatalogue>();
        services.TryAddSingleton<RolloutGuards>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, RolloutGuards>(p => p.GetRequiredService<RolloutGuards>()));
        services.TryAddSingleton<RolloutRecords>();
        services.TryAddSingleton<IGradualRelease, GradualRelease>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAuditSource, RolloutAudit>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IVersionHolder, RolloutVersions>());
        services.TryAddSingleton<CounterRecords>();
        services.TryAddSingleton<RolloutFlags>();
        services.TryAddSingleton<RolloutSignals>();
        services.AddFeedbackTicks();
        services.TryAddSingleton<Rollouts>();
        services.TryAddSingleton<IRollouts>(p => p.GetRequiredService<Rollouts>());
        services.TryAddSingleton<ISubjectAssignments, SubjectAssignments>();
        services.TryAddSingleton<ModelRouter>();
        services.TryAddSingleton<VariantScoring>();
        services.TryAddSingleton<ShadowAnswers>();
        services.TryAddSingleton<PlannedVersions>();
        services.TryAddSingleton<PlanCompiler>();
        services.TryAddSingleton<RolloutHost>();
        services.TryAddSingleton<IRolloutServing>(p => p.GetRequiredService<RolloutHost>());
        return services;
    }

    /// <summary>Keeps plans as the flags say while the host runs.</summary>
    public static IServiceCollection AddRolloutServing(this IServiceCollection services) => services.AddSingleton<IHostedService>(p => p.GetRequiredService<RolloutHost>());
}
