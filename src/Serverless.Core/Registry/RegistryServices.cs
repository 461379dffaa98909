using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Serverless.Registry;

public static class RegistryServices
{
    /// <summary>Immutable model versions, the champion alias and its audit.</summary>
    public static IServiceCollection AddRegistry(this IServiceCollection services)
    {
        services.TryAddSingleton<AliasMoves>();
        services.TryAddSingleton<IModelRegistry, ModelRegistry>();
        return services;
    }
}
