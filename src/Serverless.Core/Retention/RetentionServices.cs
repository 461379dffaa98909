using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Serverless.Retention;

public static class RetentionServices
{
    /// <summary>What may be deleted, and its deletion.</summary>
    public static IServiceCollection AddRetention(this IServiceCollection services)
    {
        services.TryAddSingleton<RetentionPlanner>();
        services.TryAddSingleton<IRetention, RetentionSweep>();
        services.TryAddSingleton<RetentionScheduler>();
        return services;
    }
}
