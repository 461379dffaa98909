using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Gating.Guards;
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
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, GuardCatalogue>());
        return services;
    }
}
