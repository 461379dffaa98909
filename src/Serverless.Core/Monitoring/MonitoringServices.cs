using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Drift;
using Serverless.Erasure;
using Serverless.Runs;
using Serverless.Workspaces;

namespace Serverless.Monitoring;

public static class MonitoringServices
{
    /// <summary>Adds what compares new data and predictions with the reference of a model's champion: the run kind <c>monitor</c>, its index and its validation.</summary>
    public static IServiceCollection AddMonitoring(this IServiceCollection services)
    {
        services.AddDrift();
        services.AddReferences();
        services.AddDriftRecords();
        services.TryAddSingleton<WindowComparison>();
        services.TryAddSingleton<ModelComparison>();
        services.TryAddSingleton<ServedPredictions>();
        services.TryAddSingleton<IDatasetDrift, DatasetComparison>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, MonitorValidator>());
        return services.AddRun<MonitorState, MonitorRun>();
    }

    /// <summary>What monitoring found, to read and to decide by.</summary>
    internal static IServiceCollection AddDriftRecords(this IServiceCollection services)
    {
        services.TryAddSingleton<DriftRecords>();
        services.TryAddSingleton<IDriftHistory>(s => s.GetRequiredService<DriftRecords>());
        return services;
    }

    /// <summary>What a training keeps to compare later data with.</summary>
    internal static IServiceCollection AddReferences(this IServiceCollection services)
    {
        services.TryAddSingleton<ReferenceProfiles>();
        services.TryAddSingleton<ReferenceStore>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRowHolder, ReferenceRows>());
        return services;
    }
}
