using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Serverless.Storage;

public static class StorageServices
{
    /// <summary>What is built on the three ports; the ports themselves come with AddLocalStorage or AddAzureStorage.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.TryAddSingleton<ILeases, RecordLeases>();
        return services;
    }
}
