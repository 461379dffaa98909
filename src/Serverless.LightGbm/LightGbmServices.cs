using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Training;

namespace Serverless.LightGbm;

public static class LightGbmServices
{
    /// <summary>Adds trainer <c>lightgbm</c>. The native library loads at the first training.</summary>
    public static IServiceCollection AddLightGbm(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, LightGbmTrainer>());
        return services;
    }
}
