using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Serverless.Tracking;

public static class TrackingServices
{
    /// <summary>Adds notes, tags, comparison and reproduction of runs, and the history of models' metrics.</summary>
    public static IServiceCollection AddTracking(this IServiceCollection services)
    {
        services.TryAddSingleton<RunNotesStore>();
        services.TryAddSingleton<ITrackedRuns, TrackedRuns>();
        services.TryAddSingleton<IReproduction, Reproduction>();
        services.TryAddSingleton<IModelPerformance, ModelPerformance>();
        services.TryAddSingleton<IModelSeries, ModelSeries>();
        return services;
    }
}
