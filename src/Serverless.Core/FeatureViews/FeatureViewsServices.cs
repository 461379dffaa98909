using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Drift;
using Serverless.FeatureViews.Catalogue;
using Serverless.FeatureViews.Online;
using Serverless.Runs;

namespace Serverless.FeatureViews;

public static class FeatureViewsServices
{
    /// <summary>Online tables of feature views, the run kind <c>materialise</c> that refreshes them, and the catalogue of features.</summary>
    public static IServiceCollection AddFeatureViews(this IServiceCollection services)
    {
        services.AddDrift();
        services.TryAddSingleton<HistoryLookups>();
        services.TryAddSingleton<OnlineSources>();
        services.TryAddSingleton<OnlineTable>();
        services.TryAddSingleton<OnlineLookups>();
        services.TryAddSingleton<MaterialiseScheduler>();
        services.TryAddSingleton<IFeatureCatalogue, FeatureCatalogue>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<Erasure.IRowHolder, OnlineRows>());
        return services.AddRun<MaterialiseState, MaterialiseRun>();
    }
}
