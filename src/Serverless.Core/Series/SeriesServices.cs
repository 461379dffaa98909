using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Checks;
using Serverless.Partitions;
using Serverless.Series.Anomalies;
using Serverless.Workspaces;

namespace Serverless.Series;

public static class SeriesServices
{
    /// <summary>Adds metrics as series over partitions, the strategies that judge them, and the watch that does so after every committed drop.</summary>
    public static IServiceCollection AddSeries(this IServiceCollection services)
    {
        services.AddChecks();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IAnomalyStrategy, AbsoluteChange>(),
            ServiceDescriptor.Singleton<IAnomalyStrategy, RelativeRate>(),
            ServiceDescriptor.Singleton<IAnomalyStrategy, OnlineNormal>(),
            ServiceDescriptor.Singleton<IAnomalyStrategy, BatchNormal>(),
            ServiceDescriptor.Singleton<IAnomalyStrategy, HoltWinters>(),
            ServiceDescriptor.Singleton<IAnomalyStrategy, Threshold>(),
        ]);
        services.TryAddSingleton<AnomalyCatalogue>();
        services.TryAddSingleton<MetricResolver>();
        services.TryAddSingleton<IMetricHistory, MetricHistory>();
        services.TryAddSingleton<IAnomalyDetector, AnomalyDetector>();
        services.TryAddSingleton<SeriesJudge>();
        services.TryAddSingleton<ISeriesReports, SeriesReports>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, AnomalyValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICommitObserver, AnomalyWatch>());
        return services;
    }
}
